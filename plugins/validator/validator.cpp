#include <utility>

#include "postern/plugin.hpp"
#include "profile.h"
#include "settings.h"

namespace postern::validator {

namespace {

// Immutable after configure(), so its hook runs on every loop at once.
class Validator : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.postern.validator";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary = "a strict profile over the peer's certificate chain";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Services = Requires<sdk::Clock, sdk::Config, sdk::X509, sdk::Crypto>;

    explicit Validator(Host host) : Plugin(host), clock_(host), x509_(host) {}

    void configure(Config& config) { settings_ = read_settings(config); }

    void policy_digest(Digest& digest) { add_to_digest(settings_, digest); }

    Verdict on_peer_certificate(const Call& call, const postern_peer_cert& cert) const {
        const sdk::Chain verified = x509_.chain(cert.verified);
        const sdk::Chain chain = verified.empty() ? x509_.chain(cert.presented) : verified;
        // Whether one is required is the host's to say.
        if (chain.empty()) return Verdict::abstain();
        const Path path = verified.empty() ? Path::presented : Path::verified;
        const Side side = call.inbound() ? Side::client : Side::server;
        Finding finding =
            judge(settings_, chain, path, side, sdk::text(cert.hostname), clock_.wall_seconds());
        if (!finding) return Verdict::allow();
        return Verdict::deny(finding->reason, std::move(finding->detail));
    }

private:
    sdk::Clock clock_;
    sdk::X509 x509_;
    Settings settings_;
};

}  // namespace

}  // namespace postern::validator

POSTERN_MODULE(postern::validator::Validator)
