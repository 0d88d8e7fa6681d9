#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "core/net/loop.h"
#include "core/upstream/child/identity.h"

namespace postern::upstream {

// Told what a child says; on the child's loop. The child may be stopped in a call, and destroyed in
// on_end() only.
class ChildEvents {
public:
    virtual ~ChildEvents() = default;
    virtual void on_started(pid_t) {}
    // One line of its standard output, without the line feed; at most config::Stdio::max_line.
    // Empty lines are left out. Valid during the call.
    virtual void on_line(std::string_view line) = 0;
    // A line is under way that is longer than kLongLine, and at most `most`. Whoever has no memory
    // for it says pause(); then this comes again after resume().
    virtual void on_long_line(std::size_t /*most*/) {}
    static constexpr std::size_t kLongLine = 256 * 1024;
    // Its input has room again: queued() fell below StdioChild::kHighWater.
    virtual void on_writable() = 0;
    // Once, the last call: it could not be started, it ended, or a line was too long. `why` is for
    // the log and for callers who wait ("exited with code 1", "killed by signal 9 (KILL)", "sent a
    // line of more than 10MiB"). Never inside the call that started it.
    virtual void on_end(const std::string& why) = 0;
};

// A child process that speaks JSON-RPC by lines. Everything on one loop's thread, where it lives.
class StdioChild {
public:
    static constexpr std::size_t kHighWater = 256 * 1024;

    // Without stop(): SIGKILL to its process group at once. After stop(): its steps go on in the
    // background. No call of `events` after it.
    virtual ~StdioChild() = default;

    // Queued until the child has been started and takes it. A line of JSON without a line feed.
    virtual void send(std::string line) = 0;
    [[nodiscard]] virtual std::size_t queued() const = 0;  // bytes that it has not taken yet
    // While paused nothing is read: the pipe fills and the child waits.
    virtual void pause() = 0;
    virtual void resume() = 0;
    // Ends its input, then SIGTERM after 2 s, then SIGKILL after 2 s more, to its process group;
    // on_end() follows. It may go on in the background after the destructor.
    virtual void stop() = 0;
    [[nodiscard]] virtual pid_t pid() const { return 0; }  // 0: not started, or ended
};

// Starts a child beside `loop`: at once from the caller's view, on the launcher's pool in truth.
using StartChild =
    std::function<std::unique_ptr<StdioChild>(net::Loop&, const ChildIdentity&, ChildEvents&)>;

}  // namespace postern::upstream
