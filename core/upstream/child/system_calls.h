#pragma once

#include <vector>

#include <linux/filter.h>

namespace postern::upstream {

// A seccomp filter for a child of the gate's own user, against what file permissions and Landlock
// leave to it: the limits, the scheduling and the memory of other processes. EPERM for
//  - prlimit that sets, sched_setscheduler, sched_setparam, sched_setattr, sched_setaffinity,
//    setpriority, ioprio_set, move_pages and migrate_pages of any but the calling thread (0) or,
//    where there is such a thing, its process group; nor of all processes of the user;
//  - ptrace, process_vm_writev, process_madvise, kcmp, pidfd_getfd;
//  - every call of another interface (x32, 32-bit programs): its numbers are not these.
// Empty: there is none for this architecture. To be set after no_new_privs.
[[nodiscard]] const std::vector<sock_filter>& child_system_call_filter();

}  // namespace postern::upstream
