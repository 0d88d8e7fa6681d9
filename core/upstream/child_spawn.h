#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/upstream/child_user.h"

namespace postern::upstream {

struct ResourceLimit {
    int resource;         // RLIMIT_*
    std::uint64_t value;  // soft and hard
};

// All that a start needs, prepared beforehand.
struct ChildPlan {
    std::string program;  // with a slash: no PATH is searched here
    std::vector<std::string> arguments;
    std::vector<std::string> environment;  // "NAME=value"
    std::string working_directory = "/";
    std::optional<ChildUser> user;  // set: switch to it
    std::vector<ResourceLimit> limits;
    int ruleset = -1;  // of Landlock; -1: none
    // Of a child that runs as root: leave it those capabilities that no container is denied, and
    // none that leads around Landlock.
    bool drop_capabilities = false;
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
