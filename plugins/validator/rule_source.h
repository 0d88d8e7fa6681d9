#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "postern/plugin.hpp"
#include "rule_set.h"

namespace postern::validator {

// The rules in force: of the configuration, or of a file of their own that is looked at again and
// again. While that file is missing or wrong, its last good rules stay.
class RuleSource {
public:
    RuleSource(sdk::Host host, const sdk::Log& log) : host_(host), log_(log) {}

    void configure(const sdk::Config& config);  // [main]
    // Says who may call what, and begins to watch. [main]
    void start();
    void stop() { timer_.stop(); }

    [[nodiscard]] bool any() const { return version_.load(std::memory_order_acquire) != 0; }
    // Moves with every change; 0: there are no rules.
    [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
    [[nodiscard]] std::shared_ptr<const RuleSet> current(std::uint64_t& version) const;

private:
    // When a file was last touched; ctime cannot be set back.
    struct Stamp {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = -1;  // it cannot be looked at
        std::int64_t modified_ns = 0;
        std::int64_t changed_ns = 0;
        bool operator==(const Stamp& other) const;
    };

    [[nodiscard]] Stamp look() const;
    void refresh();  // on a pool thread, one at a time
    void publish(std::shared_ptr<const RuleSet> rules);

    sdk::Host host_;
    const sdk::Log& log_;
    std::string path_;      // empty: the configuration's own
    Stamp stamp_;           // configure(), then the timer's task alone
    bool settled_ = false;  // the stamp is old enough to tell every later change
    std::string problem_;   // told already
    mutable std::mutex mutex_;
    std::shared_ptr<const RuleSet> rules_;
    std::atomic<std::uint64_t> version_{0};
    sdk::Timer timer_;  // last: its task uses all of the above
};

}  // namespace postern::validator
