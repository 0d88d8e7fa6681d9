#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/base/worker_pool.h"
#include "core/cli/offline_loop.h"
#include "core/config/configuration.h"
#include "core/net/fetch.h"
#include "core/plugin/environment.h"
#include "core/plugin/loader.h"
#include "core/plugin/pipeline.h"
#include "core/tls/verify.h"

namespace postern::cli {

// What one plugin says to a certificate, whatever the others said.
struct PluginAnswer {
    enum class Said : std::uint8_t { not_asked, allow, abstain, deny };
    std::string plugin;
    config::Mode mode = config::Mode::enforce;
    Said said = Said::not_asked;
    Reason reason = 0;
    std::string detail;
};

// The gate's decision on a presented chain, and how it came about.
struct Explanation {
    bool allowed = false;
    Reason reason = 0;
    std::string decided_by;  // "host", or the plugin that refused
    std::string detail;
    tls::ChainRef presented;
    tls::ChainRef built;  // leaf to anchor; null when there is none, and under trust = "pin"
    tls::Identity identity;
    std::vector<PluginAnswer> answers;  // in the order of the pipeline
};

// A clock that stands where it is put; its monotonic time runs.
class OfflineClock final : public Clock {
public:
    [[nodiscard]] std::uint64_t monotonic_ns() const override;
    [[nodiscard]] std::int64_t wall_seconds() const override { return wall_seconds_; }
    void set_wall_seconds(std::int64_t seconds) { wall_seconds_ = seconds; }

private:
    std::atomic<std::int64_t> wall_seconds_{0};
};

// The plugins of a configuration in this process, without a daemon. One at a time in a process.
class OfflineGate {
public:
    OfflineGate(std::string plugin_directory, std::string state_directory);
    ~OfflineGate();

    [[nodiscard]] OfflineClock& clock() { return clock_; }

    // One pipeline, as a listener or a way to an upstream has it; each plugin stands alone, so that
    // one's no does not keep the next from being heard. Goes before the gate.
    class Pipeline {
    public:
        // How the host judged and asks: what it was given, and by which trust.
        struct Question {
            tls::ChainRef presented;
            std::shared_ptr<const tls::TrustAnchors> anchors;
            config::Trust trust = config::Trust::chain;
            std::string hostname;  // role client: the name that the server must have
        };
        [[nodiscard]] Explanation explain(const Question& question);

    private:
        friend class OfflineGate;
        struct Seat {
            config::PipelineEntry entry;
            std::shared_ptr<plugin::Pipeline> plugin;
        };
        [[nodiscard]] tls::Verification verify(const Question& question) const;
        [[nodiscard]] plugin::Outcome ask(const Seat& seat,
                                          std::shared_ptr<const plugin::PeerCertificate> about);

        OfflineGate* gate_ = nullptr;
        plugin::Role role_ = plugin::Role::server;
        std::vector<Seat> seats_;
    };
    // Loads, configures and starts the plugins.
    [[nodiscard]] Result<Pipeline> open(const std::vector<config::PipelineEntry>& entries,
                                        const std::string& name, plugin::Role role);

private:
    OfflineClock clock_;
    WorkerPool pool_;
    plugin::Environment environment_;
    plugin::Loader loader_;
    net::Fetcher fetcher_;
    OfflineLoop loop_;
};

}  // namespace postern::cli
