// SPDX-License-Identifier: Apache-2.0
//
// The plugin "ratelimit": so many new connections from an address in a window of time, counted
// before the first byte is read. README.md says what it limits and what it does not.
#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "address_key.h"
#include "postern/plugin.hpp"
#include "settings.h"
#include "window_table.h"

namespace postern::ratelimit {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kSaidAgainAfter = 60 * kNsPerSecond;

class RateLimit : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.postern.ratelimit";
    static constexpr const char* kVersion = "0.1.0";
    static constexpr const char* kSummary = "limits new connections from one address";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Services = Requires<sdk::Config, sdk::Clock, sdk::Crypto>;

    explicit RateLimit(Host host) : Plugin(host), clock_(host) {}

    void configure(const Config& config) {
        settings_ = read_settings(config);
        const sdk::Metrics metrics(host());
        refused_ = metrics.counter("refused_total", "Connections refused by the limit");
        no_room_ = metrics.counter("no_room_total", "Connections refused for want of memory");
        forgotten_ = metrics.counter(
            "forgotten_total", "Addresses forgotten while they counted, the table being full");
    }

    void start() {
        if (settings_.limit.connections == 0) return;
        SipHash::Key key{};
        sdk::Crypto(host()).random(key.data(), key.size());
        table_ = std::make_unique<WindowTable>(settings_.limit, key);
    }

    void policy_digest(Digest& digest) const { add_to_digest(settings_, digest); }

    // The time counts down by itself, so there is nothing to release.
    Verdict acquire(const Call& call, const postern_quota_request& request) {
        if (!table_ || request.phase != POSTERN_PHASE_ACCEPT || call.dry_run()) {
            return Verdict::abstain();
        }
        const std::optional<AddressKey> address = address_of(call.peer());
        if (!address || settings_.is_exempt(*address)) return Verdict::abstain();
        const std::uint64_t now_ns = clock_.monotonic_ns();
        const Decision decision = table_->take(settings_.key_of(*address), now_ns);
        if (decision.forgot_another) note_forgotten(now_ns);
        return answer(decision, now_ns);
    }

private:
    Verdict answer(const Decision& decision, std::uint64_t now_ns) {
        if (decision.taken == Taken::Yes) return Verdict::allow();
        std::string detail = std::to_string(decision.in_window) + " connections in " +
                             seconds(settings_.limit.window_ns) + " s; ";
        if (decision.taken == Taken::NoRoom) {
            note_no_room(now_ns);
            detail += "no memory to count one more";
        } else {
            refused_.add();
            detail += "next allowed in " + seconds(decision.wait_ns) + " s";
        }
        // DELAY refuses as DENY does, and is the one whose waiting time the host passes on.
        return Verdict::delay(decision.wait_ns, POSTERN_REASON_RATE_LIMITED, std::move(detail));
    }

    void note_forgotten(std::uint64_t now_ns) {
        forgotten_.add();
        if (due(forgotten_said_ns_, now_ns)) {
            log().warning("the table is full: the least recently seen address was forgotten");
        }
    }
    void note_no_room(std::uint64_t now_ns) {
        no_room_.add();
        if (due(no_room_said_ns_, now_ns)) {
            log().warning("the table is full: a connection was refused, since it could not count");
        }
    }

    // Once a minute, by whichever loop comes first.
    static bool due(std::atomic<std::uint64_t>& next_ns, std::uint64_t now_ns) {
        std::uint64_t next = next_ns.load(std::memory_order_relaxed);
        return now_ns >= next && next_ns.compare_exchange_strong(next, now_ns + kSaidAgainAfter,
                                                                 std::memory_order_relaxed);
    }

    // Rounded up to a millisecond: who comes then is not too early.
    static std::string seconds(std::uint64_t ns) {
        const std::uint64_t ms = ns / 1'000'000 + (ns % 1'000'000 != 0 ? 1 : 0);
        std::string out = std::to_string(ms / 1000);
        if (ms % 1000 == 0) return out;
        const std::string fraction = std::to_string(1000 + ms % 1000);
        return out + "." + fraction.substr(1);
    }

    sdk::Clock clock_;
    sdk::Metric refused_;
    sdk::Metric no_room_;
    sdk::Metric forgotten_;
    Settings settings_;
    std::unique_ptr<WindowTable> table_;
    std::atomic<std::uint64_t> forgotten_said_ns_{0};
    std::atomic<std::uint64_t> no_room_said_ns_{0};
};

}  // namespace
}  // namespace postern::ratelimit

POSTERN_MODULE(postern::ratelimit::RateLimit)
