#include "core/upstream/http/probe.h"

#include <memory>
#include <optional>
#include <string>

#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/fake_server.h"
#include "tests/unit/upstream/health_bench.h"

using namespace postern;
using namespace postern::upstream;
using test::FakeConnection;
using test::FakeServer;

namespace {

// What a probe says of that server.
std::string fault_at(const config::Url& url, std::uint64_t timeout_ns = 10 * test::kSecond) {
    test::HealthBench bench({url});
    std::optional<std::string> fault;
    std::unique_ptr<HttpProbe> probe =
        std::make_unique<HttpProbe>(*bench.backend, *bench.backend->servers[0], "/healthz",
                                    timeout_ns, *bench.loop, [&](const std::string& said) {
                                        fault = said;
                                        probe.reset();  // it may go inside
                                    });
    probe->start();
    bench.run_until([&] { return fault.has_value(); });
    return *fault;
}

std::string fault_of(const std::string& answer) {
    FakeServer server(1, [&](FakeConnection& connection, int) {
        connection.read_request();
        connection.write(answer);
    });
    return fault_at(server.url("/mcp"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_probe)

BOOST_AUTO_TEST_CASE(origin_is_asked_and_any_2xx_is_well) {
    std::string seen;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        seen = connection.read_request();
        connection.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 ");
        connection.write("No Content\r\n\r\n");
    });
    BOOST_TEST(fault_at(server.url("/mcp")) == "");
    BOOST_TEST(seen.starts_with("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"));
    BOOST_TEST(fault_of("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nthe rest is not read") ==
               "");
}

BOOST_AUTO_TEST_CASE(everything_else_is_said) {
    BOOST_TEST(fault_of("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n") == "it answered 503");
    BOOST_TEST(fault_of("HTTP/1.1 301 Away\r\nLocation: /\r\nContent-Length: 0\r\n\r\n") ==
               "it answered 301");
    BOOST_TEST(fault_of("SSH-2.0-OpenSSH\r\n\r\n").starts_with("the answer: "));
    BOOST_TEST(fault_of("HTTP/1.1 200 O") == "it closed the connection");
    const test::LoopbackPort nobody;
    BOOST_TEST(fault_at(nobody.url()) == "Connection refused");
}

BOOST_AUTO_TEST_CASE(a_server_that_says_nothing_is_given_up_in_time) {
    FakeServer server(1, [](FakeConnection& connection, int) {
        connection.read_request();
        connection.closes(10'000);
    });
    BOOST_TEST(fault_at(server.url(), test::kSecond / 20) == "no answer in time");
}

BOOST_AUTO_TEST_SUITE_END()
