#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <linux/filter.h>
#include <sys/types.h>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/upstream/child/user.h"

namespace postern::upstream {

struct ResourceLimit {
    int resource;         // RLIMIT_*
    std::uint64_t value;  // soft and hard
};

// Ends a child that does not get to its program: until then it has the rights of its user, whose
// other processes may stop it, and the starting thread waits for it without a limit.
class StartDeadline {
public:
    // Any thread: kills the child, unless its program has been loaded. False: there is none yet.
    [[nodiscard]] bool pass();

    // For spawn_child(): where the kernel writes the child's pidfd before the child runs.
    [[nodiscard]] int* pidfd() { return &pidfd_; }
    // For spawn_child(), after the wait and before the pidfd is closed. True: pass() has killed it.
    [[nodiscard]] bool end();

private:
    int pidfd_ = -1;
    std::mutex mutex_;
    bool is_over_ = false;     // under mutex_
    bool has_killed_ = false;  // under mutex_
};

// All that a start needs, prepared beforehand.
struct ChildPlan {
    std::string program;  // with a slash: no PATH is searched here
    std::vector<std::string> arguments;
    std::vector<std::string> environment;  // "NAME=value"
    std::string working_directory = "/";
    std::optional<ChildUser> user;  // set: switch to it
    std::vector<ResourceLimit> limits;
    int ruleset = -1;                           // of Landlock; -1: none
    std::span<const sock_filter> system_calls;  // of seccomp; empty: all are free
    // Of a child that runs as root: leave it those capabilities that no container is denied, and
    // none that leads around Landlock.
    bool drop_capabilities = false;
    StartDeadline* deadline = nullptr;  // null: none; of this start alone
};

// A child that runs its program. The pipes' ends of the gate do not block. Whoever has it must see
// to it that it is reaped.
struct SpawnedChild {
    pid_t pid = 0;
    UniqueFd pidfd;
    UniqueFd input;   // to its standard input
    UniqueFd output;  // from its standard output
    UniqueFd errors;  // from its standard error
};

// The child leads a session and process group of its own, has the default signal dispositions and
// an empty signal mask, no descriptor but the three pipes, RLIMIT_CORE 0 and no_new_privs, and is
// killed when the calling thread ends. The error says which step failed. Waits until the program
// has been loaded: not for a loop.
[[nodiscard]] Result<SpawnedChild> spawn_child(const ChildPlan& plan);

}  // namespace postern::upstream
