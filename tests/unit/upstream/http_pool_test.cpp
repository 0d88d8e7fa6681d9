#include "core/upstream/http/pool.h"

#include <array>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "core/base/clock.h"
#include "core/upstream/http/connection.h"

using namespace postern;
using upstream::HttpConnection;
using upstream::HttpPool;
using upstream::Transport;

namespace {

constexpr std::uint64_t kFarOff = UINT64_MAX;

// The loop's tasks, at a time of the test's own.
class FakeScheduler final : public Scheduler {
public:
    explicit FakeScheduler(net::Loop& loop) : loop_(loop) {}

    std::uint64_t now = 1;
    std::vector<std::pair<std::uint64_t, Task>> timers;

    void post(Task task) override { loop_.post(std::move(task)); }
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

private:
    net::Loop& loop_;
};

struct Nobody final : Transport::User {
    void on_ready(Transport&, std::uint32_t) override {}
    void on_cut(Transport&) override {}
};

struct Watching final : net::Watcher {
    std::function<void()> task;
    void on_ready(std::uint32_t) override { task(); }
};

struct StandingClock final : Clock {
    std::uint64_t now = 1'000'000'000;
    std::uint64_t monotonic_ns() const override { return now; }
    std::int64_t wall_seconds() const override { return 0; }
};

struct Pair {
    UniqueFd ours;
    UniqueFd theirs;
};
Pair pair() {
    int fds[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool is_closed(const UniqueFd& peer) {
    char byte = 0;
    return ::recv(peer.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

struct Fixture {
    StandingClock clock;
    std::unique_ptr<net::Loop> loop = std::move(net::Loop::create(0, clock).value());
    FakeScheduler scheduler{*loop};
    Nobody nobody;
    std::shared_ptr<HttpPool> pool = std::make_shared<HttpPool>();

    // What the server holds of a connection that now lies in the pool.
    UniqueFd put(std::uint64_t idle_timeout_ns = kFarOff) {
        Pair both = pair();
        pool->put(0, std::make_unique<HttpConnection>(*loop, std::move(both.ours), nobody),
                  idle_timeout_ns, scheduler);
        return std::move(both.theirs);
    }
    // What is ready by now is heard of.
    void turn() {
        loop->post([this] { loop->stop(); });
        loop->run();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_pool, Fixture)

BOOST_AUTO_TEST_CASE(connections_that_closed_or_spoke_are_dropped_at_once) {
    const UniqueFd open = put();
    UniqueFd closed = put();
    const UniqueFd spoke = put();
    closed.reset();
    BOOST_TEST(::send(spoke.get(), "x", 1, 0) == 1);
    turn();
    BOOST_TEST(pool->size() == 1u);
    BOOST_TEST(!pool->take(1, scheduler.now));
    BOOST_TEST(static_cast<bool>(pool->take(0, scheduler.now)));
    BOOST_TEST(pool->size() == 0u);
}

BOOST_AUTO_TEST_CASE(one_that_closes_in_the_turn_in_which_it_is_taken_is_stale) {
    for (const bool speaks : {false, true}) {
        Pair caller = pair();
        UniqueFd server;
        bool stale = false;
        Watching watcher;
        // The caller's event is fetched together with the server's, and comes first.
        watcher.task = [&] {
            const auto taken = pool->take(0, scheduler.now);
            stale = taken != nullptr && taken->is_stale();
            loop->unwatch(caller.ours.get(), watcher);
            loop->stop();
        };
        BOOST_REQUIRE(loop->watch(caller.ours.get(), EPOLLIN, watcher));
        server = put();
        BOOST_REQUIRE(::send(caller.theirs.get(), "x", 1, 0) == 1);
        if (speaks) {
            BOOST_REQUIRE(::send(server.get(), "x", 1, 0) == 1);
        } else {
            server.reset();
        }
        loop->run();
        BOOST_TEST(stale);
        BOOST_TEST(pool->size() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(one_that_ends_when_more_is_ready_than_a_turn_takes_is_stale) {
    std::vector<Pair> crowd(200);
    Watching watcher;
    watcher.task = [] {};
    for (Pair& each : crowd) {
        each = pair();
        BOOST_REQUIRE(loop->watch(each.ours.get(), EPOLLIN, watcher));
        BOOST_REQUIRE(::send(each.theirs.get(), "x", 1, 0) == 1);
    }
    UniqueFd server = put();
    server.reset();
    bool stale = false;
    loop->post([&] {
        const auto taken = pool->take(0, scheduler.now);
        stale = taken != nullptr && taken->is_stale();
        loop->stop();
    });
    loop->run();
    BOOST_TEST(stale);
    for (Pair& each : crowd) loop->unwatch(each.ours.get(), watcher);
}

BOOST_AUTO_TEST_CASE(one_that_ends_within_a_turn_that_lasts_is_stale) {
    UniqueFd server = put();
    bool stale = false;
    loop->post([&] {
        const auto taken = pool->take(0, scheduler.now);
        BOOST_TEST(!taken->is_stale());
        server.reset();
        clock.now += 10'000'000;
        stale = taken->is_stale();
        loop->stop();
    });
    loop->run();
    BOOST_TEST(stale);
}

// Epoll would tell of it no earlier than a request in this very turn could take it for its answer.
BOOST_AUTO_TEST_CASE(one_with_more_to_read_than_its_answer_is_not_kept) {
    for (const bool more : {false, true}) {
        Pair both = pair();
        auto connection = std::make_unique<HttpConnection>(*loop, std::move(both.ours), nobody);
        const std::string answer = more ? "answer and" : "answer";
        BOOST_REQUIRE(::send(both.theirs.get(), answer.data(), answer.size(), 0) > 0);
        std::array<char, 6> buffer{};
        BOOST_REQUIRE(connection->receive(buffer) == 6);
        pool->put(0, std::move(connection), kFarOff, scheduler);
        BOOST_TEST(pool->size() == (more ? 0u : 1u));
        pool->clear();
    }
}

BOOST_AUTO_TEST_CASE(idle_connections_go_after_their_time) {
    const UniqueFd first = put(5);
    const UniqueFd second = put();
    scheduler.advance(7);
    BOOST_TEST(static_cast<bool>(pool->take(0, scheduler.now)));
    BOOST_TEST(!pool->take(0, scheduler.now));
    BOOST_TEST(is_closed(first));
    const UniqueFd third = put();
    scheduler.advance(7 + 2 * HttpPool::kIdleTimeoutNs);
    BOOST_TEST(pool->size() == 0u);
    BOOST_TEST(is_closed(third));
}

BOOST_AUTO_TEST_CASE(their_number_is_bounded) {
    std::vector<UniqueFd> servers;
    for (std::size_t i = 0; i < HttpPool::kMaxIdle + 5; ++i) servers.push_back(put());
    BOOST_TEST(pool->size() == HttpPool::kMaxIdle);
    BOOST_TEST(is_closed(servers.front()));
}

BOOST_AUTO_TEST_CASE(a_pool_given_up_on_another_thread_ends_on_its_loop) {
    const UniqueFd server = put();
    const std::weak_ptr<HttpPool> weak = pool;
    std::thread([this] { HttpPool::retire(std::move(pool)); }).join();
    BOOST_TEST(!weak.expired());
    turn();
    BOOST_TEST(weak.expired());
    BOOST_TEST(is_closed(server));
}

BOOST_AUTO_TEST_CASE(a_pool_given_up_after_its_loop_has_stopped_ends_with_the_loop) {
    const UniqueFd server = put();
    HttpPool::retire(std::move(pool));
    BOOST_TEST(!is_closed(server));
    loop.reset();
    BOOST_TEST(is_closed(server));
}

BOOST_AUTO_TEST_SUITE_END()
