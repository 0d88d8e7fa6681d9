#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/upstream/child/hidden_tree.h"

namespace postern::upstream {

// The version of Landlock's interface; 0: this kernel has none, or it is switched off.
[[nodiscard]] int landlock_version();

// A Landlock ruleset that takes away what `hidden` names and leaves the rest as it is. For the
// child alone to restrict itself with. Reads folders: blocks.
//
// Landlock has only rules that allow, each for an existing file or folder with all below it. So
// each folder on the way to something hidden gets no rule of its own; what is in it beside that
// gets one. It follows, for such a folder itself (not for the folders in it): a child cannot
// create, remove or rename anything directly in it, and a file that is put there after the child's
// start cannot be opened by it.
//
// Reading, writing, truncating (from version 3 on), creating, removing, renaming and linking are
// covered, and, from version 6 on, signals to processes outside and abstract sockets of theirs;
// block devices can be made nowhere. With the first rule the kernel also denies mounts, and ptrace
// and with it /proc/PID/mem, fd, root and environ of every process outside (to root, environ only
// without CAP_PERFMON). Not covered: names in folders, metadata (chmod, stat) and connecting to a
// socket that has a path: a socket that must be guarded has to look at who connects (SO_PEERCRED).
// Before version 2 no file can be moved or linked from one folder to another at all.
[[nodiscard]] Result<UniqueFd> make_landlock_ruleset(const HiddenTree& hidden, int version);

}  // namespace postern::upstream
