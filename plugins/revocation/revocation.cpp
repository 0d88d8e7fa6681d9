// SPDX-License-Identifier: Apache-2.0
//
// The plugin "revocation": facts about revocation out of CRLs in files. README.md says what it
// checks and what it does not.
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "chain_check.h"
#include "crl_store.h"
#include "postern/plugin.hpp"
#include "settings.h"
#include "waiting_checks.h"

namespace postern::revocation {
namespace {

// A replaced CRL must act within seconds.
constexpr std::chrono::seconds kWatchPeriod(2);

class Revocation : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.postern.revocation";
    static constexpr const char* kVersion = "0.1.0";
    static constexpr const char* kSummary = "refuses certificates that stand on a CRL";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Services = Requires<sdk::Config, sdk::Clock, sdk::Crypto, sdk::Executor, sdk::X509>;

    explicit Revocation(Host host)
        : Plugin(host), x509_(host), clock_(host), crypto_(host), waiting_(host) {}

    void configure(const Config& config) {
        settings_ = read_settings(config);
        const sdk::Metrics metrics(host());
        revoked_ = metrics.counter("revoked_total", "Checks that found a revoked certificate");
        unknown_ = metrics.counter("unknown_total", "Checks that could not be answered");
        if (settings_.check_mode == CheckMode::Off) return;
        // Read here, so that a configuration is not called good with a list that cannot be read.
        store_ = std::make_unique<CrlStore>(host(), settings_);
        store_->load();
    }

    void start() {
        if (!store_) return;
        watch_ = sdk::Executor(host()).after(kWatchPeriod, kWatchPeriod, [this] {
            if (store_->refresh()) host().changed(POSTERN_CHANGED_FACTS);
        });
    }

    void drain() { watch_.stop(); }

    void policy_digest(Digest& digest) const { add_to_digest(settings_, digest); }

    Verdict check(const Call& call, const postern_peer_cert& cert) {
        const sdk::Chain chain = shown(cert);
        if (chain.empty()) return Verdict::abstain();
        if (settings_.check_mode == CheckMode::Off) return exempt_all(chain);
        const auto known = [](const Crl& crl, const sdk::Certificate& issuer) {
            return crl.known_signature(issuer.spki_sha256());
        };
        if (std::optional<Verdict> verdict = judge(cert, known))
            return counted(*std::move(verdict));
        // `cert` lives until the operation completes.
        return waiting_.add(call, [this, &cert] {
            const auto checked = [this](const Crl& crl, const sdk::Certificate& issuer) {
                return std::optional(
                    crl.check_signature(issuer.spki(), issuer.spki_sha256(), crypto_));
            };
            return counted(judge(cert, checked).value());
        });
    }

private:
    sdk::Chain shown(const postern_peer_cert& cert) const {
        return x509_.chain(cert.verified != nullptr ? cert.verified : cert.presented);
    }

    std::optional<Verdict> judge(const postern_peer_cert& cert,
                                 ChainCheck::SignatureOf signature_of) const {
        const std::shared_ptr<const CrlSet> crls = store_->current();
        const ChainCheck check(settings_, *crls, clock_.wall_seconds(), std::move(signature_of));
        return check.run(shown(cert), cert.verified != nullptr ? Path::Verified : Path::Presented);
    }

    Verdict counted(Verdict verdict) const {
        if (verdict.action() == POSTERN_ACTION_DENY) revoked_.add();
        if (verdict.action() == POSTERN_ACTION_ABSTAIN) unknown_.add();
        return verdict;
    }

    sdk::X509 x509_;
    sdk::Clock clock_;
    sdk::Crypto crypto_;
    sdk::Metric revoked_;
    sdk::Metric unknown_;
    Settings settings_;
    std::unique_ptr<CrlStore> store_;
    WaitingChecks waiting_;
    sdk::Timer watch_;  // last: its task uses all of the above
};

}  // namespace
}  // namespace postern::revocation

POSTERN_MODULE(postern::revocation::Revocation)
