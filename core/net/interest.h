#pragma once

#include <cstdint>

#include "core/net/loop.h"

namespace postern::net {

// What a watcher waits for on its descriptor, as the loop's epoll set has it: a change costs a
// system call, the same again nothing. Goes before the descriptor does. Loop thread.
class Interest {
public:
    Interest(Loop& loop, int fd, Watcher& watcher) : loop_(loop), fd_(fd), watcher_(watcher) {}
    ~Interest() { static_cast<void>(set(0)); }
    Interest(const Interest&) = delete;
    Interest& operator=(const Interest&) = delete;

    // 0: nothing at all, not even the end, which epoll cannot mask otherwise.
    [[nodiscard]] Result<void> set(std::uint32_t epoll_events) {
        if (epoll_events == events_) return {};
        if (epoll_events != 0 && events_ == 0) {
            auto watching = loop_.watch(fd_, epoll_events, watcher_);
            if (!watching) return watching;
        } else if (epoll_events != 0) {
            loop_.change(fd_, epoll_events, watcher_);
        } else {
            loop_.unwatch(fd_, watcher_);
        }
        events_ = epoll_events;
        return {};
    }

private:
    Loop& loop_;
    const int fd_;
    Watcher& watcher_;
    std::uint32_t events_ = 0;
};

}  // namespace postern::net
