#include "core/upstream/stdio/stream.h"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/stdio_bench.h"

using namespace postern;
using test::Bench;
using test::Call;
using test::result;
using test::tool_call;

BOOST_AUTO_TEST_SUITE(stdio_stream)

BOOST_AUTO_TEST_CASE(a_session_is_reached_from_every_loop) {
    Bench bench(2);
    const std::string session = bench.open_session();
    Call here = bench.post(session, tool_call("1"), 0);
    Call there = bench.post(session, tool_call("2"), 1);
    bench.say(0, result("2", std::string(100'000, 'x')));
    bench.say(0, result("1"));
    BOOST_TEST(here->response.text == result("1"));
    BOOST_TEST(there->response.text == result("2", std::string(100'000, 'x')));
    BOOST_TEST(there->header("Content-Type") == "application/json");
    bench.drop(here);
    bench.drop(there);
}

BOOST_AUTO_TEST_CASE(a_slow_client_on_another_loop_stops_the_child) {
    Bench bench(2);
    const std::string session = bench.open_session();
    Call slow = bench.post(session, tool_call("1", "1"), 1);
    const std::string progress =
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1}})";
    slow->response.waiting = net::ResponseStream::kHighWater + 1;
    bench.say(0, progress);
    bench.say(0, progress);
    BOOST_TEST(bench.children[0]->paused);
    slow->loop->run([&] {
        slow->response.waiting = 0;
        slow->exchange->on_writable();
    });
    bench.settle();
    BOOST_TEST(!bench.children[0]->paused);
    // What is on its way between the loops counts as well, before the client's loop has run.
    bench.loops[1]->loop().post([&] {
        bench.loops[0]->run([&] {
            const std::string big = R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                                    R"("params":{"progressToken":1,"message":")" +
                                    std::string(net::ResponseStream::kHighWater, 'x') + "\"}}";
            bench.children[0]->events->on_line(big);
            BOOST_TEST(bench.children[0]->paused);
        });
    });
    bench.settle();
    BOOST_TEST(!bench.children[0]->paused);
    bench.drop(slow);
}

BOOST_AUTO_TEST_CASE(clients_and_children_may_go_in_any_order) {
    for (int round = 0; round < 50; ++round) {
        Bench bench(2);
        const std::string session = bench.open_session();
        std::vector<Call> calls;
        for (std::size_t i = 0; i < 8; ++i) {
            calls.push_back(bench.post(session, tool_call(std::to_string(i)), i % 2));
        }
        // The client's loop drops while the child's answers.
        bench.loops[0]->loop().post([&] {
            for (std::size_t i = 0; i < 8; ++i) {
                if (auto* events = bench.children[0]->events) {
                    events->on_line(result(std::to_string(i)));
                }
            }
        });
        for (Call& call : calls) {
            call->loop->loop().post([&call] { call->exchange.reset(); });
        }
        if (round % 3 == 0) bench.upstream.reset();
        bench.settle();
        if (round % 3 == 1) bench.die(0);
    }
}

BOOST_AUTO_TEST_CASE(an_upstream_that_goes_stops_its_children) {
    Bench bench(2);
    bench.open_session();
    bench.open_session("2025-06-18", "", 1);
    bench.upstream.reset();
    bench.settle();
    BOOST_TEST(bench.children[0]->stopped);
    BOOST_TEST(bench.children[1]->stopped);
    BOOST_TEST(bench.children[0]->events == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
