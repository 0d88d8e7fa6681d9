#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/worker_pool.h"
#include "core/config/configuration.h"
#include "core/upstream/child/gate_files.h"
#include "core/upstream/stdio/child.h"

namespace postern::upstream {

// Checks what can be checked before the first child: program, user, environment_file, limits,
// Landlock. The error names the key. May block. `route` is for the log. The pool must outlive the
// loops that children are started on, and its threads must stay: a child is killed when the thread
// that started it ends (PR_SET_PDEATHSIG), which is how none outlives a gate that is killed.
[[nodiscard]] Result<StartChild> make_child_starter(const config::Stdio& settings,
                                                    GateFiles gate_files, WorkerPool& pool,
                                                    std::string route = {});

}  // namespace postern::upstream
