#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <sys/types.h>

#include "core/upstream/child/spawn.h"

namespace postern::upstream {

// A running child, kept until it has been reaped, whoever else has lost interest in it. All
// functions: any thread, at any time.
class LiveChild {
public:
    virtual ~LiveChild() = default;
    [[nodiscard]] virtual pid_t pid() const = 0;
    virtual void kill() = 0;  // SIGKILL to its process group, unless it has been reaped
    // SIGTERM to its process group after kGrace, SIGKILL after kGrace more.
    virtual void end_in_steps() = 0;
};

// Called once, on the thread described below, when the child has ended: "exited with code 1".
using OnChildEnd = std::function<void(std::string how)>;

// All children of the process are waited for by one thread with an event loop of its own: it reaps
// them, kills what is left of their process groups, and writes their standard error to the log. So
// none becomes a zombie when the loop or the route it worked for is gone, and no flood of messages
// keeps a loop of the data plane busy. The thread starts with the first child and lives as long as
// the process.
class ChildReaper {
public:
    static constexpr std::uint64_t kGraceNs = 2'000'000'000;
    static constexpr std::uint64_t kLongestStartNs = 10'000'000'000;

    // A deadline that passes `longest_ns` from now unless it is given up before. Null when there is
    // no such thread.
    [[nodiscard]] static std::shared_ptr<StartDeadline> limit_start(
        std::uint64_t longest_ns = kLongestStartNs);
    // Takes `child` over, but for its input and output. `route` is for the log. An error when there
    // is no such thread; then the child has been killed.
    [[nodiscard]] static Result<std::shared_ptr<LiveChild>> keep(SpawnedChild& child,
                                                                 std::string route,
                                                                 OnChildEnd on_end);
    [[nodiscard]] static std::size_t live();  // children that were not reaped yet
    // For the process's end: SIGKILL to all there are. Waits until they are reaped, at most
    // `longest_ns`; false: some were not.
    static bool kill_all(std::uint64_t longest_ns);
};

}  // namespace postern::upstream
