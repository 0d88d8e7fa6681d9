#include <string>

#include <boost/test/unit_test.hpp>

#include "core/upstream/stdio/session.h"
#include "tests/unit/upstream/stdio_bench.h"

using namespace postern;
using test::Bench;
using test::Call;
using test::has;
using test::kLogNotice;
using test::result;
using test::tool_call;

// What a session, its client and its child may take of the gate, and what is left of them.

BOOST_AUTO_TEST_SUITE(stdio_session_bounds)

BOOST_AUTO_TEST_CASE(a_closed_upstream_keeps_nothing) {
    Bench bench;
    bench.open_session();
    const auto backend = bench.upstream->backend().shared_from_this();
    bench.upstream.reset();
    bench.settle();
    // Let go of on its loop, with its child.
    BOOST_TEST(backend->homes() == 0u);
    BOOST_TEST(bench.children[0]->stopped);
    BOOST_TEST(bench.children[0]->events == nullptr);
}

BOOST_AUTO_TEST_CASE(children_on_their_way_out_count_for_their_identity) {
    auto settings = Bench::defaults();
    settings.max_children = 4;
    Bench bench(1, settings);
    const auto come_and_go = [&] {
        const std::string session = bench.open_session("2025-06-18", "uri:a");
        bench.request("DELETE", "", {{"Mcp-Session-Id", session}}, "uri:a");
    };
    come_and_go();
    come_and_go();
    const Call third = bench.request("POST", Bench::kInitialize, {}, "uri:a");
    BOOST_TEST(third->status() == 503);
    bench.open_session("2025-06-18", "uri:b");
    bench.open_session("2025-06-18", "uri:c");
    bench.die(0);
    bench.open_session("2025-06-18", "uri:a");
}

BOOST_AUTO_TEST_CASE(a_child_that_talks_on_keeps_no_session_alive) {
    auto settings = Bench::defaults();
    settings.idle_timeout_ns = 20 * config::kSecond;
    Bench bench(1, settings);
    bench.open_session();
    for (int i = 0; i < 5; ++i) {
        bench.advance(5);
        bench.say(0, kLogNotice);
    }
    BOOST_TEST(bench.children[0]->stopped);
}

BOOST_AUTO_TEST_CASE(the_time_for_one_replay_is_not_the_next_ones) {
    Bench bench;
    const std::string session = bench.open_session();
    const std::string replayed = R"({"jsonrpc":"2.0","id":"postern:initialize","result":)"
                                 R"({"protocolVersion":"2025-06-18"}})";
    bench.die(0);
    Call first = bench.post(session, tool_call("1"));
    bench.say(1, replayed);
    bench.say(1, result("1"));
    bench.drop(first);
    bench.advance(20);
    bench.die(1);
    Call second = bench.post(session, tool_call("2"));
    bench.advance(15);
    BOOST_TEST(!second->response.finished);
    bench.say(2, replayed);
    bench.say(2, result("2"));
    BOOST_TEST(has(second->response.text, result("2")));
    bench.drop(second);
}

BOOST_AUTO_TEST_CASE(requests_whose_clients_are_gone_do_not_pile_up) {
    Bench bench;
    const std::string session = bench.open_session();
    for (int i = 1; i <= 64; ++i) {
        Call call = bench.post(session, tool_call(std::to_string(i)));
        bench.drop(call);
    }
    BOOST_TEST(!has(bench.last_line(0), "cancelled"));
    Call last = bench.post(session, tool_call("65"));
    bench.drop(last);
    BOOST_TEST(has(bench.last_line(0), R"("requestId":1,)"));
    BOOST_TEST(bench.post(session, tool_call("2"))->status() == 400);  // in flight
    BOOST_TEST(bench.post(session, tool_call("1"))->response.heads == 0);
}

BOOST_AUTO_TEST_CASE(an_id_that_is_too_long_is_neither_taken_nor_kept) {
    Bench bench;
    const std::string session = bench.open_session();
    const std::string id = "\"" + std::string(1023, 'a') + "\"";
    const Call call = bench.post(session, tool_call(id));
    BOOST_TEST(call->status() == 400);
    BOOST_TEST(has(call->response.text, "-32600"));
    BOOST_TEST(bench.post(session, tool_call("1", id))->status() == 400);
    BOOST_TEST(bench.post(session, "[" + tool_call(id) + "]")->status() == 400);
    bench.say(0, R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"roots/list"})");
    BOOST_TEST(has(bench.last_line(0), R"("id":null,"error")"));
}

BOOST_AUTO_TEST_SUITE_END()
