#include "core/upstream/http/pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <sys/epoll.h>

namespace postern::upstream {

void HttpPool::retire(std::shared_ptr<HttpPool> pool) {
    Scheduler* const scheduler = pool->scheduler_;
    // The task owns it, run or not, and is destroyed on the loop's thread or with the loop.
    if (scheduler != nullptr) scheduler->post([owned = std::move(pool)] {});
}

std::unique_ptr<Transport> HttpPool::take(std::size_t server, std::uint64_t now_ns) {
    close_expired(now_ns);
    const auto last = std::find_if(idle_.rbegin(), idle_.rend(),
                                   [server](const Idle& idle) { return idle.server == server; });
    if (last == idle_.rend()) return nullptr;
    std::unique_ptr<Transport> connection = std::move(last->connection);
    idle_.erase(std::next(last).base());
    return connection;
}

void HttpPool::put(std::size_t server, std::unique_ptr<Transport> connection,
                   std::uint64_t idle_timeout_ns, Scheduler& scheduler) {
    scheduler_ = &scheduler;
    if (idle_timeout_ns == 0 || !connection->rest()) return;
    if (!connection->watch(EPOLLIN | EPOLLRDHUP)) return;
    if (idle_.size() == kMaxIdle) idle_.erase(idle_.begin());
    connection->set_user(*this);
    idle_.push_back({server, scheduler.now_ns() + std::min(idle_timeout_ns, kIdleTimeoutNs),
                     std::move(connection)});
    sweep_later();
}

// Whatever happens on an idle connection is its end.
void HttpPool::on_ready(Transport& transport, std::uint32_t) {
    drop(transport);
}

void HttpPool::on_cut(Transport& transport) {
    drop(transport);
}

void HttpPool::drop(const Transport& transport) {
    std::erase_if(idle_,
                  [&transport](const Idle& idle) { return idle.connection.get() == &transport; });
}

void HttpPool::close_expired(std::uint64_t now_ns) {
    std::erase_if(idle_, [now_ns](const Idle& idle) { return idle.until_ns <= now_ns; });
}

void HttpPool::sweep_later() {
    if (sweeping_ || idle_.empty()) return;
    sweeping_ = true;
    scheduler_->run_at(scheduler_->now_ns() + kIdleTimeoutNs, [self = weak_from_this()] {
        const auto pool = self.lock();
        if (!pool) return;
        pool->sweeping_ = false;
        pool->close_expired(pool->scheduler_->now_ns());
        pool->sweep_later();
    });
}

}  // namespace postern::upstream
