// A plugin to start from, in C++17: refuses peer certificates by their serial number.
//
//   [[listener.pipeline]]
//   plugin = "denylist"
//   [listener.pipeline.config]
//   serials = ["4fa0", "01c2"]
#include <postern/plugin.hpp>
#include <set>
#include <string>

namespace {

namespace sdk = postern::sdk;

class Denylist : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.example.denylist";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary = "refuses certificates by their serial number";
    using Services = Requires<sdk::Config, sdk::Crypto, sdk::X509>;

    explicit Denylist(Host host) : Plugin(host), x509_(host) {}

    void configure(const Config& config) {
        for (const std::string& serial : config.strings("serials")) {
            // RFC 5280 4.1.2.2: at most 20 octets.
            if (serial.empty() || serial.size() > 40 || serial.size() % 2 != 0) {
                config.fail("serials", "must have 2 to 40 hex digits each, an even number");
            }
            serials_.insert(serial);
        }
    }

    void policy_digest(Digest& digest) const {
        for (const std::string& serial : serials_) digest.add("serial", serial);
    }

    Verdict on_peer_certificate(const Call&, const postern_peer_cert& cert) {
        const std::string serial = sdk::hex(x509_.chain(cert.presented).leaf().serial());
        if (serials_.count(serial) == 0) return Verdict::abstain();
        return Verdict::deny(POSTERN_REASON_POLICY, "serial number " + serial + " is denied");
    }

private:
    sdk::X509 x509_;
    std::set<std::string> serials_;
};

}  // namespace

POSTERN_MODULE(Denylist)
