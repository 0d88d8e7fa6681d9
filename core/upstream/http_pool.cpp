#include "core/upstream/http_pool.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace postern::upstream {
namespace {

// Closed by the server, or with bytes that no request asked for.
bool is_stale(int fd) {
    char byte = 0;
    const ssize_t size = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace

UniqueFd HttpPool::take(std::size_t server, std::uint64_t now_ns) {
    close_expired(now_ns);
    for (std::size_t i = idle_.size(); i-- > 0;) {
        if (idle_[i].server != server) continue;
        UniqueFd fd = std::move(idle_[i].fd);
        idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
        if (!is_stale(fd.get())) return fd;
    }
    return UniqueFd();
}

void HttpPool::put(std::size_t server, UniqueFd fd, std::uint64_t idle_timeout_ns,
                   Scheduler& scheduler) {
    if (idle_timeout_ns == 0) return;
    if (idle_.size() == kMaxIdle) idle_.erase(idle_.begin());
    idle_.push_back(
        {server, scheduler.now_ns() + std::min(idle_timeout_ns, kIdleTimeoutNs), std::move(fd)});
    sweep_later(scheduler);
}

void HttpPool::close_expired(std::uint64_t now_ns) {
    std::erase_if(idle_, [now_ns](const Idle& idle) { return idle.until_ns <= now_ns; });
}

void HttpPool::sweep_later(Scheduler& scheduler) {
    if (sweeping_ || idle_.empty()) return;
    sweeping_ = true;
    scheduler.run_at(scheduler.now_ns() + kIdleTimeoutNs, [self = weak_from_this(), &scheduler] {
        const auto pool = self.lock();
        if (!pool) return;
        pool->sweeping_ = false;
        pool->close_expired(scheduler.now_ns());
        pool->sweep_later(scheduler);
    });
}

}  // namespace postern::upstream
