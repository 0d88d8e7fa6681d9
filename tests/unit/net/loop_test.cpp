#include "core/net/loop.h"

#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <boost/test/unit_test.hpp>

#include "core/base/clock.h"

namespace postern::net {
namespace {

std::unique_ptr<Loop> make_loop() {
    auto loop = Loop::create(0);
    BOOST_REQUIRE(loop);
    return std::move(*loop);
}

struct Counting final : Watcher {
    explicit Counting(Task does) : task(std::move(does)) {}
    void on_ready(std::uint32_t) override {
        ++count;
        task();
    }
    Task task;
    int count = 0;
};

struct StandingClock final : Clock {
    std::uint64_t now = 1'000'000'000;
    std::uint64_t monotonic_ns() const override { return now; }
    std::int64_t wall_seconds() const override { return 0; }
};

struct SocketPair {
    SocketPair() {
        int fds[2];
        BOOST_REQUIRE_EQUAL(
            ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        ours = UniqueFd(fds[0]);
        theirs = UniqueFd(fds[1]);
    }
    UniqueFd ours;
    UniqueFd theirs;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(loop)

BOOST_AUTO_TEST_CASE(timers_run_in_order_of_time_and_cancelled_ones_do_not) {
    auto loop = make_loop();
    std::string order;
    const std::uint64_t now = system_clock().monotonic_ns();
    loop->run_at(now + 3'000'000, [&] { order += 'c'; });
    loop->run_at(now + 1'000'000, [&] { order += 'a'; });
    const TimerId cancelled = loop->run_at(now + 2'000'000, [&] { order += 'x'; });
    loop->run_at(now + 4'000'000, [&] { loop->stop(); });
    loop->cancel(cancelled);
    loop->cancel(cancelled);
    loop->cancel(0);
    loop->run();
    BOOST_TEST(order == "ac");
}

BOOST_AUTO_TEST_CASE(many_cancelled_timers_leave_no_trace) {
    auto loop = make_loop();
    const std::uint64_t now = system_clock().monotonic_ns();
    bool ran = false;
    for (int i = 0; i < 10'000; ++i) {
        loop->cancel(loop->run_at(now + 1'000'000'000, [] {}));
    }
    loop->run_at(now, [&] {
        ran = true;
        loop->stop();
    });
    loop->run();
    BOOST_TEST(ran);
}

BOOST_AUTO_TEST_CASE(tasks_posted_from_other_threads_all_run_on_the_loop) {
    auto loop = make_loop();
    constexpr int kThreads = 4;
    constexpr int kTasks = 1000;
    std::atomic<int> ran{0};
    std::thread::id on;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < kTasks; ++n) {
                loop->post([&] {
                    on = std::this_thread::get_id();
                    if (++ran == kThreads * kTasks) loop->stop();
                });
            }
        });
    }
    loop->run();
    for (std::thread& thread : threads) thread.join();
    BOOST_TEST(ran == kThreads * kTasks);
    BOOST_TEST((on == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(deferred_tasks_run_without_waiting_and_do_not_starve_sockets) {
    auto loop = make_loop();
    SocketPair pair;
    BOOST_REQUIRE_EQUAL(::send(pair.theirs.get(), "x", 1, 0), 1);
    int rounds = 0;
    Counting watcher([&] { loop->stop(); });
    BOOST_REQUIRE(loop->watch(pair.ours.get(), EPOLLIN, watcher));
    Task again = [&] {
        ++rounds;
        if (rounds < 1'000'000) loop->defer(again);
    };
    loop->post([&] { loop->defer(again); });
    loop->run();
    BOOST_TEST(watcher.count == 1);
    BOOST_TEST(rounds < 1'000'000);
    loop->unwatch(pair.ours.get(), watcher);
}

BOOST_AUTO_TEST_CASE(a_watcher_unwatched_by_another_in_the_same_turn_is_not_called) {
    auto loop = make_loop();
    SocketPair first;
    SocketPair second;
    BOOST_REQUIRE_EQUAL(::send(first.theirs.get(), "x", 1, 0), 1);
    BOOST_REQUIRE_EQUAL(::send(second.theirs.get(), "x", 1, 0), 1);
    std::unique_ptr<Counting> one;
    std::unique_ptr<Counting> two;
    const auto drop = [&](SocketPair& pair, std::unique_ptr<Counting>& watcher) {
        loop->unwatch(pair.ours.get(), *watcher);
        watcher.reset();
        loop->stop();
    };
    one = std::make_unique<Counting>([&] { drop(second, two); });
    two = std::make_unique<Counting>([&] { drop(first, one); });
    BOOST_REQUIRE(loop->watch(first.ours.get(), EPOLLIN, *one));
    BOOST_REQUIRE(loop->watch(second.ours.get(), EPOLLIN, *two));
    loop->run();
    BOOST_TEST(((one == nullptr) != (two == nullptr)));
    if (one) loop->unwatch(first.ours.get(), *one);
    if (two) loop->unwatch(second.ours.get(), *two);
}

BOOST_AUTO_TEST_CASE(an_event_of_a_watcher_that_went_is_not_told_to_the_next_at_its_address) {
    struct Told final : Watcher {
        explicit Told(std::function<void()> its_task) : task(std::move(its_task)) {}
        void on_ready(std::uint32_t) override { task(); }
        std::function<void()> task;
    };
    auto loop = make_loop();
    std::array<SocketPair, 2> ready;
    SocketPair silent;
    std::array<std::optional<Told>, 2> watchers;
    bool told = false;
    // Whichever comes first lets the other go, and a third takes that one's place in memory.
    for (std::size_t i = 0; i < 2; ++i) {
        watchers.at(i).emplace([&, i] {
            const std::size_t other = 1 - i;
            loop->unwatch(ready.at(other).ours.get(), *watchers.at(other));
            watchers.at(other).emplace([&] { told = true; });
            BOOST_REQUIRE(loop->watch(silent.ours.get(), EPOLLIN, *watchers.at(other)));
            loop->unwatch(ready.at(i).ours.get(), *watchers.at(i));
            loop->stop();
        });
        BOOST_REQUIRE_EQUAL(::send(ready.at(i).theirs.get(), "x", 1, 0), 1);
        BOOST_REQUIRE(loop->watch(ready.at(i).ours.get(), EPOLLIN, *watchers.at(i)));
    }
    loop->run();
    BOOST_TEST(!told);
}

BOOST_AUTO_TEST_CASE(a_loop_has_heard_of_all_when_a_young_turn_took_all_that_was_ready) {
    StandingClock clock;
    const auto loop = std::move(Loop::create(0, clock).value());
    BOOST_TEST(!loop->heard_of_all());
    std::array<SocketPair, 200> pairs;
    Counting watcher([] {});
    const auto heard_at_turn_end = [&](std::size_t ready, std::uint64_t turn_ns) {
        for (std::size_t i = 0; i < ready; ++i) {
            BOOST_REQUIRE_EQUAL(::send(pairs.at(i).theirs.get(), "x", 1, 0), 1);
        }
        bool heard = false;
        loop->post([&] {
            clock.now += turn_ns;
            heard = loop->heard_of_all();
            loop->stop();
        });
        loop->run();
        return heard;
    };
    BOOST_TEST(heard_at_turn_end(0, 0));
    BOOST_TEST(heard_at_turn_end(0, 900'000));
    BOOST_TEST(!heard_at_turn_end(0, 1'100'000));
    for (SocketPair& pair : pairs) BOOST_REQUIRE(loop->watch(pair.ours.get(), EPOLLIN, watcher));
    BOOST_TEST(heard_at_turn_end(100, 0));
    BOOST_TEST(!heard_at_turn_end(pairs.size(), 0));
    for (SocketPair& pair : pairs) loop->unwatch(pair.ours.get(), watcher);
}

BOOST_AUTO_TEST_CASE(within_a_turn_a_loop_has_not_heard_of_all_before_its_last_event) {
    const auto loop = make_loop();
    std::array<SocketPair, 3> pairs;
    std::string heard;
    Counting watcher([&] {
        heard += loop->heard_of_all() ? 'y' : 'n';
        if (heard.size() == pairs.size()) loop->stop();
    });
    for (SocketPair& pair : pairs) {
        BOOST_REQUIRE(loop->watch(pair.ours.get(), EPOLLIN, watcher));
        BOOST_REQUIRE_EQUAL(::send(pair.theirs.get(), "x", 1, 0), 1);
    }
    loop->run();
    BOOST_TEST(heard.substr(0, 2) == "nn");
    for (SocketPair& pair : pairs) loop->unwatch(pair.ours.get(), watcher);
}

BOOST_AUTO_TEST_CASE(a_loop_that_was_stopped_runs_again) {
    auto loop = make_loop();
    int ran = 0;
    for (int i = 0; i < 2; ++i) {
        loop->post([&] {
            ++ran;
            loop->stop();
        });
        loop->run();
    }
    BOOST_TEST(ran == 2);
}

BOOST_AUTO_TEST_CASE(whoever_asked_for_it_is_called_once_when_the_turn_ends) {
    struct Ending final : Watcher {
        explicit Ending(Loop& its_loop, SocketPair& pair) : loop(its_loop), sockets(pair) {}
        void on_ready(std::uint32_t) override {
            order += 'r';
            loop.unwatch(sockets.ours.get(), *this);
            loop.end_turn_with(*this);
            loop.defer([this] { order += 'd'; });
        }
        void on_turn_end() override {
            order += 'e';
            loop.stop();
        }
        Loop& loop;
        SocketPair& sockets;
        std::string order;
    };
    auto loop = make_loop();
    SocketPair pair;
    BOOST_REQUIRE_EQUAL(::send(pair.theirs.get(), "x", 1, 0), 1);
    Ending watcher(*loop, pair);
    BOOST_REQUIRE(loop->watch(pair.ours.get(), EPOLLIN, watcher));
    loop->run();
    BOOST_TEST(watcher.order == "rde");

    // One that goes before the turn ends is not called.
    auto gone = std::make_unique<Ending>(*loop, pair);
    loop->post([&] {
        loop->end_turn_with(*gone);
        loop->forget_turn_end(*gone);
        gone.reset();
        loop->stop();
    });
    loop->run();
    BOOST_TEST(gone == nullptr);
}

BOOST_AUTO_TEST_CASE(tasks_left_over_go_with_the_loop_and_may_still_use_it) {
    struct Last {
        explicit Last(Loop& its_loop) : loop(its_loop) {}
        ~Last() {
            loop.post([] {});
        }
        Last(const Last&) = delete;
        Last& operator=(const Last&) = delete;
        Loop& loop;
    };
    auto loop = make_loop();
    auto last = std::make_shared<Last>(*loop);
    const std::weak_ptr<Last> weak = last;
    loop->post([owned = std::move(last)] {});
    BOOST_TEST(!weak.expired());
    loop.reset();
    BOOST_TEST(weak.expired());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::net
