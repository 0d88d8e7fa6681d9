#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/base/worker_pool.h"
#include "core/upstream/child/reaper.h"
#include "core/upstream/stdio/child.h"

namespace postern::upstream {

// A child that has been started and that nobody has taken yet: it is killed unless somebody does.
struct StartedChild {
    UniqueFd input;
    UniqueFd output;
    std::shared_ptr<LiveChild> process;

    StartedChild() = default;
    StartedChild(StartedChild&&) = default;
    StartedChild& operator=(StartedChild&&) = delete;
    ~StartedChild() {
        if (process) process->kill();
    }
};

// Runs on a thread of the pool.
using LaunchChild = std::function<Result<StartedChild>(const ChildIdentity&, OnChildEnd)>;

// A StdioChild over the pipes of a process that `launch` starts on `pool`.
[[nodiscard]] std::unique_ptr<StdioChild> start_piped_child(net::Loop& loop, WorkerPool& pool,
                                                            LaunchChild launch,
                                                            const ChildIdentity& identity,
                                                            ChildEvents& events,
                                                            std::size_t max_line);

}  // namespace postern::upstream
