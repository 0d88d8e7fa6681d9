#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "core/base/result.h"

namespace postern::upstream {

// Whom a child runs as, with what a login would give it.
struct ChildUser {
    std::string name;
    std::string home;
    std::string shell;
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  // empty: those of the gate are kept
    bool switches = false;      // it is another than the gate's own
};

// A name of the user database. An error when the gate may not switch to that user. May block.
[[nodiscard]] Result<ChildUser> find_child_user(const std::string& name);
// The gate's own: $HOME, $USER and $SHELL where they are set, else the user database. May block.
[[nodiscard]] ChildUser own_child_user();

}  // namespace postern::upstream
