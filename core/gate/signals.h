#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace postern::gate {

// The one place that waits for signals. Blocks SIGHUP, SIGTERM, SIGINT, SIGQUIT and SIGCHLD in the
// calling thread and so in every thread made after it: before the first thread.
class Signals {
public:
    enum class Event { none, reload, terminate, work };

    [[nodiscard]] static Result<Signals> block();

    // Waits at most so long. Main thread.
    [[nodiscard]] Event wait(std::chrono::milliseconds longest);
    // Makes wait() return Event::work. Any thread; async-signal-safe.
    void wake() const;

private:
    Signals(UniqueFd signals, UniqueFd wakeup);

    UniqueFd signals_;
    UniqueFd wakeup_;
};

}  // namespace postern::gate
