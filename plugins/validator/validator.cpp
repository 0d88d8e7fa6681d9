#include <utility>

#include "authorization.h"
#include "postern/plugin.hpp"
#include "profile.h"
#include "rule_source.h"
#include "settings.h"

namespace postern::validator {

namespace {

// Settings never change after configure(), and rules are swapped whole: hooks run on every loop at
// once.
class Validator : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.postern.validator";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary =
        "a strict profile over certificate chains, and who may call what";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Services = Requires<sdk::Clock, sdk::Config, sdk::X509, sdk::Crypto, sdk::Executor>;

    explicit Validator(Host host)
        : Plugin(host),
          clock_(host),
          x509_(host),
          rules_(host, log()),
          authorization_(rules_, x509_, log()) {}

    void configure(Config& config) {
        settings_ = read_settings(config);
        rules_.configure(config);
    }
    void start() { rules_.start(); }
    void drain() { rules_.stop(); }

    void policy_digest(Digest& digest) {
        add_to_digest(settings_, digest);
        std::uint64_t version = 0;
        if (rules_.any()) digest.add("rules", rules_.current(version)->text());
    }

    Verdict on_peer_certificate(const Call& call, const postern_peer_cert& cert) const {
        const sdk::Chain verified = x509_.chain(cert.verified);
        const sdk::Chain chain = verified.empty() ? x509_.chain(cert.presented) : verified;
        // Whether one is required is the host's to say.
        if (chain.empty()) return Verdict::abstain();
        const Path path = verified.empty() ? Path::presented : Path::verified;
        const Side side = call.inbound() ? Side::client : Side::server;
        Finding finding =
            judge(settings_, chain, path, side, sdk::text(cert.hostname), clock_.wall_seconds());
        if (finding) return Verdict::deny(finding->reason, std::move(finding->detail));
        if (!rules_.any()) return Verdict::allow();
        return authorization_.may_come(call, chain.raw(), path == Path::verified);
    }

    Verdict on_request(const Call& call, const postern_request& request) const {
        if (!rules_.any()) return Verdict::abstain();
        return authorization_.may_ask(call, request);
    }

    void on_close(const Call& call, const postern_close&) const { Authorization::forget(call); }

private:
    sdk::Clock clock_;
    sdk::X509 x509_;
    Settings settings_;
    RuleSource rules_;
    Authorization authorization_;
};

}  // namespace

}  // namespace postern::validator

POSTERN_MODULE(postern::validator::Validator)
