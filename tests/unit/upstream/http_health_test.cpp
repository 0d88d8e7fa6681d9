#include "core/upstream/http/health.h"

#include <atomic>
#include <thread>

#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/fake_server.h"
#include "tests/unit/upstream/health_bench.h"

using namespace postern;
using namespace postern::upstream;
using test::FakeConnection;
using test::FakeServer;

namespace {

constexpr int kMany = 1'000'000;

const config::Health kEagerly{"/healthz", 1'000'000, 10 * test::kSecond};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_health)

BOOST_AUTO_TEST_CASE(a_server_is_down_while_it_says_so_and_what_a_request_met_is_forgotten) {
    std::atomic<bool> well{true};
    FakeServer server(kMany, [&](FakeConnection& connection, int) {
        if (connection.read_request().empty()) return;
        connection.write(well ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                              : "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    });
    test::HealthBench bench({server.url()});
    HttpServer& record = *bench.backend->servers[0];
    record.down_until_ns = UINT64_MAX;
    auto health = HttpHealth::start(bench.backend, kEagerly, *bench.loop);
    bench.run_until([&] { return !record.is_down(0); });
    well = false;
    bench.run_until([&] { return record.is_down(UINT64_MAX); });
    well = true;
    bench.run_until([&] { return !record.is_down(0); });
    HttpHealth::retire(std::move(health));
    bench.run_until([] { return true; });
}

BOOST_AUTO_TEST_CASE(one_that_is_given_up_on_another_thread_asks_no_more) {
    std::atomic<int> asked{0};
    FakeServer server(kMany, [&](FakeConnection& connection, int) {
        if (connection.read_request().empty()) return;
        ++asked;
        connection.closes(10'000);
    });
    test::HealthBench bench({server.url()});
    auto health = HttpHealth::start(bench.backend, kEagerly, *bench.loop);
    bench.run_until([&] { return asked == 1; });
    const std::weak_ptr<HttpHealth> weak = health;
    std::thread([&health] { HttpHealth::retire(std::move(health)); }).join();
    bench.run_until([&] { return weak.expired(); });
    BOOST_TEST(bench.backend.use_count() == 1);
    BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(one_whose_loop_never_ran_goes_with_it) {
    const test::LoopbackPort nobody;
    test::HealthBench bench({nobody.url()});
    HttpHealth::retire(HttpHealth::start(bench.backend, kEagerly, *bench.loop));
    bench.loop.reset();
    BOOST_TEST(bench.backend.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
