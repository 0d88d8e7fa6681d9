#pragma once

#include <cstddef>
#include <memory>

#include "core/base/scheduler.h"

namespace postern {

// A fixed number of threads for work that may wait (files, DNS, plugins' tasks), behind a bounded
// queue. All functions: any thread.
class WorkerPool {
public:
    WorkerPool(std::size_t threads, std::size_t max_queued);
    ~WorkerPool();  // runs what is queued, then joins

    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False: the queue is full; the task was not taken.
    [[nodiscard]] bool post(Task task);

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace postern
