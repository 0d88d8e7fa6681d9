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

BOOST_AUTO_TEST_CASE(answers_that_no_client_reads_stop_the_child) {
    Bench bench;
    const std::string session = bench.open_session();
    std::vector<Call> calls;
    for (int i = 1; i <= 3; ++i) {
        calls.push_back(bench.post(session, tool_call(std::to_string(i))));
        calls.back()->response.waiting = net::ResponseStream::kHighWater + 1;
    }
    bench.say(0, result("1", std::string(9 << 20, 'x')));
    BOOST_TEST(!bench.children[0]->paused);
    bench.say(0, result("2", std::string(9 << 20, 'x')));
    BOOST_TEST(bench.children[0]->paused);
    // The first reads, and gets all of it; the second is given up, since the others wait for it.
    calls[0]->loop->run([&] {
        calls[0]->response.waiting = 0;
        calls[0]->exchange->on_writable();
    });
    BOOST_TEST(calls[0]->response.finished);
    BOOST_TEST(calls[0]->response.text == result("1", std::string(9 << 20, 'x')));
    bench.advance(1);
    BOOST_TEST(!bench.children[0]->paused);
    bench.say(0, result("3", std::string(9 << 20, 'x')));
    BOOST_TEST(bench.children[0]->paused);
    bench.advance(12);
    BOOST_TEST(calls[1]->response.failed);
    BOOST_TEST(calls[1]->response.reason == POSTERN_REASON_WRITE_TIMEOUT);
    bench.drop(calls);
    bench.advance(1);
    BOOST_TEST(!bench.children[0]->paused);
}

BOOST_AUTO_TEST_CASE(a_long_line_waits_for_memory_before_it_is_read) {
    Bench bench;
    const std::string session = bench.open_session();
    bench.open_session();
    Call deaf = bench.post(session, tool_call("1"));
    deaf->response.waiting = net::ResponseStream::kHighWater + 1;
    bench.say(0, result("1", std::string(33 << 20, 'x')));
    BOOST_TEST(!bench.children[1]->paused);
    bench.loops[0]->run([&] { bench.children[1]->events->on_long_line(10 << 20); });
    BOOST_TEST(bench.children[1]->paused);
    bench.drop(deaf);
    bench.advance(1);
    BOOST_TEST(!bench.children[1]->paused);
}

// All four have room for their lines, which spends what there is for one identity.
BOOST_AUTO_TEST_CASE(lines_that_have_room_go_on_and_one_that_is_never_finished_ends_its_child) {
    test::Bench bench;
    std::vector<std::string> sessions;
    for (int i = 0; i < 4; ++i) sessions.push_back(bench.open_session());
    bench.loops[0]->run([&] {
        for (const auto& child : bench.children) child->events->on_long_line(10 << 20);
    });
    for (const std::string& session : sessions) {
        const auto call =
            bench.post(session, R"({"jsonrpc":"2.0","method":"notifications/roots/list_changed"})");
        BOOST_TEST(call->status() == 202);
    }
    for (const auto& child : bench.children) BOOST_TEST(!child->paused);
    bench.advance(5);
    for (const auto& child : bench.children) BOOST_TEST(!child->stopped);
    bench.advance(7);
    int stopped = 0;
    for (const auto& child : bench.children) stopped += child->stopped ? 1 : 0;
    BOOST_TEST(stopped == 1);  // its room is enough for who waits
}

BOOST_AUTO_TEST_CASE(a_batch_with_much_to_say_is_answered_as_a_stream) {
    Bench bench;
    const std::string session = bench.open_session("2025-03-26");
    Call call = bench.post(
        session, "[" + tool_call("1") + "," + tool_call("2") + "," + tool_call("3") + "]");
    bench.say(0, result("1", std::string(600 << 10, 'x')));
    BOOST_TEST(call->response.heads == 0);
    bench.say(0, result("2", std::string(600 << 10, 'x')));
    BOOST_TEST(call->streams());
    bench.say(0, result("3"));
    BOOST_TEST(call->response.finished);
    BOOST_TEST(has(call->response.text, result("3")));
    bench.drop(call);
}

BOOST_AUTO_TEST_CASE(a_batch_from_the_child_is_taken_message_by_message) {
    Bench bench;
    const std::string session = bench.open_session("2025-03-26");
    Call first = bench.post(session, tool_call("1"));
    Call second = bench.post(session, tool_call("2"));
    bench.say(0, "[" + result("2") + ", " + result("1") + "]");
    BOOST_TEST(first->response.text == result("1"));
    BOOST_TEST(second->response.text == result("2"));
    bench.say(0, "[" + result("3") + ", {]");  // dropped, and nothing worse
    bench.drop(first);
    bench.drop(second);
}

BOOST_AUTO_TEST_CASE(children_are_started_so_often_and_no_more) {
    auto settings = Bench::defaults();
    settings.max_children = 4;
    Bench bench(1, settings);
    for (int i = 0; i < 16; ++i) {
        const std::string session = bench.open_session("2025-06-18", "uri:a");
        bench.request("DELETE", "", {{"Mcp-Session-Id", session}}, "uri:a");
        bench.die(static_cast<std::size_t>(i));
    }
    const Call refused = bench.request("POST", Bench::kInitialize, {}, "uri:a");
    BOOST_TEST(bench.children.size() == 16u);
    BOOST_TEST(refused->status() == 429);
    BOOST_TEST(refused->header("Retry-After") == "1");
    bench.advance(1);
    bench.open_session("2025-06-18", "uri:a");
}

BOOST_AUTO_TEST_SUITE_END()
