#include "rule_source.h"

#include <sys/stat.h>

#include <chrono>
#include <tuple>
#include <utility>

#include "rule_reader.h"

namespace postern::validator {

namespace {

constexpr std::chrono::seconds kRefreshPeriod(2);
// Kernels stamp files with the time of their last tick, and network file systems more coarsely yet.
constexpr std::int64_t kStampGrain = 2;  // seconds
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

bool RuleSource::Stamp::operator==(const Stamp& other) const {
    return std::tie(device, inode, size, modified_ns, changed_ns) ==
           std::tie(other.device, other.inode, other.size, other.modified_ns, other.changed_ns);
}

void RuleSource::configure(const sdk::Config& config) {
    const bool listed = config.has("rule") || config.has("group");
    if (config.string("rules_file", "").empty()) {
        if (listed) publish(read_rules(config));
        return;
    }
    if (listed) config.fail("rules_file", "is given beside rules; put them all in one place");
    path_ = config.path("rules_file", "");
    stamp_ = look();
    config.read_file(path_, [this](const sdk::Config& root) { publish(read_rules(root)); });
}

void RuleSource::start() {
    if (!any()) {
        if (host_.role() == POSTERN_ROLE_CLIENT) return;
        log_.warning("there are no rules: whoever the listener \"" + std::string(host_.listener()) +
                     "\" admits may call every tool of every route; rules_file or rule would say "
                     "who may call what");
        return;
    }
    log_.notice(std::to_string(rules_->size()) + " rules say who may call what on \"" +
                std::string(host_.listener()) + "\"" +
                (path_.empty() ? std::string() : ": " + path_));
    if (path_.empty()) return;
    timer_ = sdk::Executor(host_).after(kRefreshPeriod, kRefreshPeriod, [this] { refresh(); });
}

std::shared_ptr<const RuleSet> RuleSource::current(std::uint64_t& version) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    version = version_.load(std::memory_order_relaxed);
    return rules_;
}

RuleSource::Stamp RuleSource::look() const {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) return {};
    const auto nanoseconds = [](const timespec& time) {
        return std::int64_t{time.tv_sec} * kNanoseconds + time.tv_nsec;
    };
    return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim)};
}

void RuleSource::refresh() {
    // Before the content, so that a write in between shows in the next one. A file that made no
    // sense is read again every time.
    const Stamp stamp = look();
    if (settled_ && stamp == stamp_) return;
    std::shared_ptr<const RuleSet> rules;
    const std::vector<std::string> errors = sdk::Config::reread_file(
        host_, path_, [&rules](const sdk::Config& root) { rules = read_rules(root); });
    stamp_ = stamp;
    settled_ = errors.empty() && stamp.size >= 0 &&
               stamp.changed_ns / kNanoseconds < sdk::Clock(host_).wall_seconds() - kStampGrain;
    const std::string problem = errors.empty() ? std::string() : errors.front();
    if (std::exchange(problem_, problem) != problem && !problem.empty()) {
        log_.error(problem + "; the rules that were in force stay");
    }
    std::uint64_t version = 0;
    if (!errors.empty() || rules->text() == current(version)->text()) return;
    log_.notice("rules changed, now " + std::to_string(rules->size()) + ": " + path_);
    publish(std::move(rules));
    host_.changed(POSTERN_CHANGED_POLICY | POSTERN_CHANGED_FACTS);
}

void RuleSource::publish(std::shared_ptr<const RuleSet> rules) {
    const std::lock_guard<std::mutex> lock(mutex_);
    rules_.swap(rules);
    version_.fetch_add(1, std::memory_order_release);
}

}  // namespace postern::validator
