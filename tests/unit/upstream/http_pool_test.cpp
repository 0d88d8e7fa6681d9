#include "core/upstream/http_pool.h"

#include <functional>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

using namespace postern;
using upstream::HttpPool;

namespace {

class FakeScheduler final : public Scheduler {
public:
    std::uint64_t now = 1;
    std::vector<std::pair<std::uint64_t, Task>> timers;

    void post(Task task) override { task(); }
    std::uint64_t now_ns() const override { return now; }
    TimerId run_at(std::uint64_t at, Task task) override {
        timers.emplace_back(at, std::move(task));
        return timers.size();
    }
    void cancel(TimerId) override {}

    void advance(std::uint64_t to) {
        now = to;
        for (auto& [at, task] : std::exchange(timers, {})) {
            if (at <= now) {
                task();
            } else {
                timers.emplace_back(at, std::move(task));
            }
        }
    }
};

struct Pair {
    UniqueFd ours;
    UniqueFd theirs;
};
Pair pair() {
    int fds[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_pool)

BOOST_AUTO_TEST_CASE(connections_that_closed_or_spoke_are_not_handed_out) {
    FakeScheduler scheduler;
    const auto pool = std::make_shared<HttpPool>();
    Pair open = pair();
    Pair closed = pair();
    Pair spoke = pair();
    pool->put(0, std::move(open.ours), UINT64_MAX, scheduler);
    pool->put(0, std::move(closed.ours), UINT64_MAX, scheduler);
    pool->put(0, std::move(spoke.ours), UINT64_MAX, scheduler);
    closed.theirs.reset();
    BOOST_TEST(::send(spoke.theirs.get(), "x", 1, 0) == 1);
    BOOST_TEST(!pool->take(1, scheduler.now));
    BOOST_TEST(static_cast<bool>(pool->take(0, scheduler.now)));
    BOOST_TEST(pool->size() == 0u);
}

BOOST_AUTO_TEST_CASE(idle_connections_go_after_their_time) {
    FakeScheduler scheduler;
    const auto pool = std::make_shared<HttpPool>();
    Pair first = pair();
    Pair second = pair();
    pool->put(0, std::move(first.ours), 5, scheduler);
    pool->put(0, std::move(second.ours), UINT64_MAX, scheduler);
    scheduler.advance(7);
    BOOST_TEST(static_cast<bool>(pool->take(0, scheduler.now)));
    BOOST_TEST(pool->size() == 0u);
    Pair third = pair();
    pool->put(0, std::move(third.ours), UINT64_MAX, scheduler);
    scheduler.advance(7 + 2 * HttpPool::kIdleTimeoutNs);
    BOOST_TEST(pool->size() == 0u);
}

BOOST_AUTO_TEST_CASE(their_number_is_bounded) {
    FakeScheduler scheduler;
    const auto pool = std::make_shared<HttpPool>();
    for (std::size_t i = 0; i < HttpPool::kMaxIdle + 5; ++i) {
        pool->put(0, pair().ours, UINT64_MAX, scheduler);
    }
    BOOST_TEST(pool->size() == HttpPool::kMaxIdle);
}

BOOST_AUTO_TEST_SUITE_END()
