#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/net/exchange.h"
#include "core/upstream/stdio/home.h"
#include "core/upstream/stdio/start_rate.h"

namespace postern::upstream {

class StdioSession;
class StdioShared;

// The name under which a caller's sessions and children are kept: identity and anchor, so that a
// renewed certificate is the same caller and another authority's like-named one is not.
[[nodiscard]] StdioTenant tenant_of(const net::Caller& caller);

enum class DiedYoung : bool { no = false, yes = true };

// What the homes and exchanges of one stdio upstream share: who lives where, how many, and what has
// been learnt of the command. Any thread.
class StdioBackend : public std::enable_shared_from_this<StdioBackend> {
public:
    struct Settings {
        std::string route;  // for the log
        std::size_t max_children = 64;
        std::uint64_t idle_timeout_ns = 0;
        std::uint64_t request_timeout_ns = 0;  // until the first that comes for a request; 0: none
    };
    enum class Era : std::uint8_t { unknown, modern, legacy };

    StdioBackend(Settings settings, StartChild start);

    [[nodiscard]] const Settings& settings() const { return settings_; }

    // Null when there is none, and when it is another's.
    [[nodiscard]] std::shared_ptr<StdioSession> find_session(const std::string& id,
                                                             const std::string& tenant) const;
    template <class T>
    using Found = std::variant<std::shared_ptr<T>, StdioRefusal>;
    // A new one beside the caller's loop.
    [[nodiscard]] Found<StdioSession> open_session(const net::Caller& caller);
    // The identity's own, made if need be.
    [[nodiscard]] Found<StdioShared> shared_child(const net::Caller& caller);

    // A home has ended. While its child is still on its way out, it is kept; not after close().
    enum class Kept : bool { no = false, yes = true };
    [[nodiscard]] Kept leave(StdioHome& home, bool child_remains);
    void child_left(StdioHome& home);

    // Children that are started from now on are started so.
    void start_with(StartChild start);
    [[nodiscard]] StdioBudgets& budgets() { return budgets_; }
    // Counts one start, or says why and how long it has to wait.
    [[nodiscard]] std::optional<StdioRefusal> admit_start(const std::string& tenant,
                                                          std::uint64_t now_ns);

    [[nodiscard]] std::unique_ptr<StdioChild> start_child(net::Loop& loop,
                                                          const ChildIdentity& identity,
                                                          ChildEvents& events) const;
    // How long the tenant's next child must wait; 0: not at all.
    [[nodiscard]] std::uint64_t back_off_ns(const std::string& tenant, std::uint64_t now_ns) const;
    void child_died(const std::string& tenant, DiedYoung young, std::uint64_t now_ns);

    // What the tenant's own child has said that it speaks: what one identity's makes it say must
    // not count for another's. Its revisions are null while it has not said.
    struct Speech {
        Era era = Era::unknown;
        std::shared_ptr<const std::vector<std::string>> revisions;
    };
    [[nodiscard]] Speech speech(const std::string& tenant, std::uint64_t now_ns) const;
    void learn(const std::string& tenant, Speech speech, std::uint64_t until_ns);

    void retire();  // no further requests come
    void close();   // ends everything, each on its loop

    // For tests and the log.
    [[nodiscard]] std::size_t homes() const;

private:
    struct Tenant {
        explicit Tenant(StdioStartRate rate) : starts(rate) {}
        StdioStartRate starts;
        std::shared_ptr<StdioShared> shared;
        std::size_t homes = 0;
        std::size_t ending = 0;        // children on their way out
        std::size_t young_deaths = 0;  // in a row
        std::uint64_t start_after_ns = 0;
        std::uint64_t last_death_ns = 0;
        Speech speech;
        std::uint64_t speech_until_ns = 0;
    };

    [[nodiscard]] Tenant& tenant_at(const std::string& tenant);
    [[nodiscard]] std::optional<StdioRefusal> too_many_starts(const std::string& tenant,
                                                              std::uint64_t now_ns);
    [[nodiscard]] std::optional<StdioRefusal> make_room(const std::string& tenant,
                                                        std::uint64_t now_ns,
                                                        std::shared_ptr<StdioHome>& evicted);
    [[nodiscard]] std::shared_ptr<StdioHome> idle_session_of(const std::string& tenant,
                                                             std::uint64_t now_ns);
    void remove(StdioHome& home);
    void keep_ending(StdioHome& home);
    void let_go(StdioHome& home);
    void forget_quiet_tenants(std::uint64_t now_ns);
    [[nodiscard]] std::vector<std::shared_ptr<StdioHome>> all_homes() const;

    const Settings settings_;
    StdioBudgets budgets_;

    mutable std::mutex mutex_;
    // All under mutex_.
    StartChild start_;
    StdioStartRate starts_;
    std::uint64_t starts_logged_ns_ = 0;
    std::unordered_map<std::string, std::shared_ptr<StdioSession>> sessions_;  // by id
    std::unordered_map<std::string, Tenant> tenants_;
    std::unordered_map<const StdioHome*, std::shared_ptr<StdioHome>> ending_;
    std::size_t homes_ = 0;
    bool retired_ = false;
    bool closed_ = false;  // the loops' last tasks own the homes
};

}  // namespace postern::upstream
