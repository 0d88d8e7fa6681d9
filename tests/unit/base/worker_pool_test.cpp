#include "core/base/worker_pool.h"

#include <atomic>
#include <future>

#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(worker_pool)

BOOST_AUTO_TEST_CASE(what_is_queued_runs_before_the_pool_is_gone) {
    std::atomic<int> done{0};
    {
        WorkerPool pool(3, 1000);
        for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(pool.post([&] { ++done; }));
    }
    BOOST_TEST(done == 1000);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses) {
    std::promise<void> started;
    std::promise<void> go;
    std::shared_future<void> gate(go.get_future());
    std::atomic<int> done{0};
    {
        WorkerPool pool(1, 2);
        BOOST_REQUIRE(pool.post([&] {
            started.set_value();
            gate.wait();
        }));
        started.get_future().wait();
        BOOST_TEST(pool.post([&] { ++done; }));
        BOOST_TEST(pool.post([&] { ++done; }));
        BOOST_TEST(!pool.post([&] { done += 100; }));
        go.set_value();
    }
    BOOST_TEST(done == 2);
}

BOOST_AUTO_TEST_CASE(tasks_run_beside_each_other) {
    std::promise<void> first;
    std::promise<void> second;
    WorkerPool pool(2, 10);
    // Each waits for the other: one thread alone would never end.
    BOOST_REQUIRE(pool.post([&] {
        first.set_value();
        second.get_future().wait();
    }));
    BOOST_REQUIRE(pool.post([&] {
        second.set_value();
        first.get_future().wait();
    }));
}

BOOST_AUTO_TEST_CASE(a_task_may_post_another) {
    std::promise<void> done;
    WorkerPool pool(1, 10);
    BOOST_REQUIRE(pool.post([&] { static_cast<void>(pool.post([&] { done.set_value(); })); }));
    const auto state = done.get_future().wait_for(std::chrono::seconds(10));
    BOOST_TEST((state == std::future_status::ready));
}

BOOST_AUTO_TEST_SUITE_END()
