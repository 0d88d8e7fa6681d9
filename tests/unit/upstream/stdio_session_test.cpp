#include "core/upstream/stdio/session.h"

#include <string>

#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/stdio_bench.h"

using namespace postern;
using test::Bench;
using test::Call;
using test::has;
using test::kLogNotice;
using test::result;
using test::tool_call;

namespace {

const std::string kQuestion = R"({"jsonrpc":"2.0","id":"q1","method":"roots/list"})";

std::string progress(const std::string& token) {
    return R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" +
           token + R"(,"progress":1}})";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stdio_session)

BOOST_AUTO_TEST_CASE(initialize_opens_a_session_with_a_child_of_its_own) {
    Bench bench;
    const std::string first = bench.open_session();
    const std::string second = bench.open_session();
    BOOST_TEST(first != second);
    BOOST_TEST(first.size() >= 32u);
    BOOST_TEST(bench.children.size() == 2u);
    BOOST_TEST(bench.last_line(0) == Bench::kInitialize);
}

BOOST_AUTO_TEST_CASE(a_refused_initialize_leaves_no_session) {
    Bench bench;
    Call call = bench.request("POST", Bench::kInitialize, {});
    bench.say(0, R"({"jsonrpc":"2.0","id":0,"error":{"code":-32602,"message":"no"}})");
    BOOST_TEST(call->status() == 200);
    BOOST_TEST(call->header("Mcp-Session-Id").empty());
    BOOST_TEST(bench.children[0]->stopped);
    bench.drop(call);
    bench.die(0);
    BOOST_TEST(bench.upstream->backend().homes() == 0u);
}

BOOST_AUTO_TEST_CASE(sessions_are_their_identitys_alone) {
    Bench bench;
    const std::string session = bench.open_session("2025-06-18", "uri:a");
    BOOST_TEST(bench.children[0]->identity == "uri:a");
    test::Headers headers{{"Mcp-Session-Id", session}};
    Call mine = bench.request("POST", tool_call("1"), headers, "uri:a");
    BOOST_TEST(mine->response.heads == 0);
    Call theirs = bench.request("POST", tool_call("1"), headers, "uri:b");
    BOOST_TEST(theirs->status() == 404);
    BOOST_TEST(bench.request("POST", tool_call("1"), {}, "uri:a")->status() == 400);
    BOOST_TEST(bench.request("DELETE", "", headers, "uri:b")->status() == 404);
    BOOST_TEST(bench.request("GET", "", headers, "uri:b")->status() == 404);
    BOOST_TEST(bench.children[0]->lines.size() == 2u);
    bench.drop(mine);
}

BOOST_AUTO_TEST_CASE(an_answer_that_comes_first_is_json_and_a_later_one_an_event) {
    Bench bench;
    const std::string session = bench.open_session("2025-06-18");
    Call call = bench.post(session, "{\"jsonrpc\":\"2.0\",\n \"id\":1,\"method\":\"tools/list\"}");
    BOOST_TEST(bench.last_line(0) == R"({"jsonrpc":"2.0",  "id":1,"method":"tools/list"})");
    bench.say(0, result("1"));
    BOOST_TEST(call->header("Content-Type") == "application/json");
    BOOST_TEST(call->response.text == result("1"));
    BOOST_TEST(call->response.finished);
    bench.drop(call);

    Call streamed = bench.post(session, tool_call("2"));
    bench.say(0, kLogNotice);
    BOOST_TEST(streamed->streams());
    bench.say(0, result("2"));
    BOOST_TEST(!has(streamed->response.text, "id: 3-0\n"));
    BOOST_TEST(has(streamed->response.text, "id: 3-1\ndata: " + kLogNotice));
    BOOST_TEST(has(streamed->response.text, "id: 3-2\ndata: " + result("2")));
    BOOST_TEST(streamed->response.finished);
    bench.drop(streamed);
}

BOOST_AUTO_TEST_CASE(from_2025_11_25_on_answers_are_streams_which_open_with_an_id) {
    Bench bench;
    const std::string session = bench.open_session("2025-11-25");
    Call call = bench.post(session, tool_call("1"));
    bench.say(0, result("1"));
    BOOST_TEST(call->streams());
    BOOST_TEST(call->response.text == "event: message\ndata: " + result("1") + "\n\n");
    BOOST_TEST(call->response.finished);
    bench.drop(call);
    Call streamed = bench.post(session, tool_call("2"));
    bench.say(0, kLogNotice);
    BOOST_TEST(has(streamed->response.text, "id: 3-0\ndata:\n\n"));
    bench.say(0, result("2"));
    BOOST_TEST(has(streamed->response.text, "id: 3-2\ndata: " + result("2")));
    bench.drop(streamed);
}

BOOST_AUTO_TEST_CASE(messages_go_to_the_request_they_belong_to) {
    Bench bench;
    const std::string session = bench.open_session();
    Call first = bench.post(session, tool_call("1", "\"a\""));
    Call second = bench.post(session, tool_call("2", "7"));
    bench.say(0, progress("\"a\""));
    BOOST_TEST(first->streams());
    BOOST_TEST(second->response.heads == 0);
    // Nobody's: the newest, since there is no standalone stream.
    bench.say(0, kLogNotice);
    BOOST_TEST(has(second->response.text, kLogNotice));
    Call stream = bench.get(session);
    BOOST_TEST(stream->streams());
    bench.say(0, kQuestion);
    BOOST_TEST(has(stream->response.text, kQuestion));
    bench.say(0, result("2"));
    bench.drop(second);
    // The only one in flight.
    bench.say(0, kLogNotice);
    BOOST_TEST(has(first->response.text, kLogNotice));
    bench.say(0, result("1"));
    bench.drop(first);
    bench.say(0, kLogNotice);
    BOOST_TEST(has(stream->response.text, kLogNotice));
    bench.drop(stream);
}

BOOST_AUTO_TEST_CASE(what_comes_before_the_standalone_stream_waits_for_it) {
    Bench bench;
    const std::string session = bench.open_session();
    bench.say(0, kQuestion);
    bench.say(0, kLogNotice);
    Call stream = bench.get(session);
    BOOST_TEST(has(stream->response.text, kQuestion));
    BOOST_TEST(has(stream->response.text, kLogNotice));
    BOOST_TEST(bench.get(session)->status() == 409);
    Call answer = bench.post(session, R"({"jsonrpc":"2.0","id":"q1","result":{"roots":[]}})");
    BOOST_TEST(answer->status() == 202);
    BOOST_TEST(answer->response.text.empty());
    BOOST_TEST(has(bench.last_line(0), "roots"));
    bench.drop(answer);
    bench.drop(stream);
}

BOOST_AUTO_TEST_CASE(a_question_that_nobody_hears_is_answered_with_an_error) {
    Bench bench;
    bench.open_session();
    bench.say(0, kQuestion);
    bench.advance(29);
    BOOST_TEST(bench.children[0]->lines.size() == 1u);
    bench.advance(2);
    BOOST_TEST(has(bench.last_line(0), R"("id":"q1","error")"));
    // As does one that the bounded buffer has no room for.
    for (int i = 0; i < 300; ++i) bench.say(0, kQuestion);
    BOOST_TEST(bench.children[0]->lines.size() == 2u + 300u - 256u);
}

BOOST_AUTO_TEST_CASE(a_disconnect_cancels_nothing_and_the_stream_can_be_resumed) {
    Bench bench;
    const std::string session = bench.open_session("2025-11-25");
    Call call = bench.post(session, tool_call("1", "1"));
    bench.say(0, progress("1"));
    bench.drop(call);
    bench.say(0, progress("1"));
    BOOST_TEST(bench.children[0]->lines.size() == 2u);  // initialize and the call
    Call resumed = bench.get(session, "2-1");
    BOOST_TEST(!has(resumed->response.text, "id: 2-1\ndata: {"));
    BOOST_TEST(has(resumed->response.text, "id: 2-2\ndata: " + progress("1")));
    bench.say(0, result("1"));
    BOOST_TEST(has(resumed->response.text, "id: 2-3\ndata: " + result("1")));
    BOOST_TEST(resumed->response.finished);
    bench.drop(resumed);
    // Once more from the start, though all is said.
    Call again = bench.get(session, "2-0");
    BOOST_TEST(has(again->response.text, result("1")));
    BOOST_TEST(again->response.finished);
    // Nothing left to resume, ids of no stream, and no ids.
    BOOST_TEST(bench.get(session, "2-3")->status() == 405);
    BOOST_TEST(bench.get(session, "9-0")->status() == 405);
    BOOST_TEST(bench.get(session, "nonsense")->status() == 400);
}

BOOST_AUTO_TEST_CASE(a_standalone_stream_that_was_lost_is_taken_up_again) {
    Bench bench;
    const std::string session = bench.open_session();
    Call lost = bench.get(session);
    bench.say(0, kLogNotice);
    // Its end has not been noticed here yet.
    Call resumed = bench.get(session, "0-0");
    BOOST_TEST(lost->response.finished);
    BOOST_TEST(has(resumed->response.text, "id: 0-1\ndata: " + kLogNotice));
    bench.drop(lost);
    bench.say(0, kQuestion);
    BOOST_TEST(has(resumed->response.text, "id: 0-2\ndata: " + kQuestion));
    bench.drop(resumed);
}

BOOST_AUTO_TEST_CASE(a_cancelled_request_whose_server_says_no_more_ends_all_the_same) {
    Bench bench;
    const std::string session = bench.open_session();
    Call call = bench.post(session, tool_call("1"));
    const std::string cancel =
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})";
    BOOST_TEST(bench.post(session, cancel)->status() == 202);
    BOOST_TEST(bench.last_line(0) == cancel);
    BOOST_TEST(!call->response.ended());
    bench.advance(6);
    BOOST_TEST(call->response.ended());
    bench.drop(call);
    BOOST_TEST(bench.post(session, tool_call("1"))->response.heads == 0);
}

BOOST_AUTO_TEST_CASE(a_batch_is_written_by_lines_and_its_answers_are_gathered) {
    Bench bench;
    const std::string session = bench.open_session("2025-03-26");
    Call call = bench.post(
        session, "[" + tool_call("1") + ", " + kLogNotice + "," + tool_call("\"b\"") + "]");
    BOOST_TEST(bench.children[0]->lines.size() == 4u);
    bench.say(0, result("\"b\""));
    BOOST_TEST(call->response.heads == 0);
    bench.say(0, result("1"));
    BOOST_TEST(call->response.text == "[" + result("\"b\"") + "," + result("1") + "]");
    bench.drop(call);
    BOOST_TEST(bench.post(session, "[" + kLogNotice + "]")->status() == 202);
    BOOST_TEST(bench.post(session, std::string("[") + Bench::kInitialize + "]")->status() == 400);
    BOOST_TEST(bench.post(session, "[" + tool_call("4") + "," + tool_call("4.0") + "]")->status() ==
               400);
}

BOOST_AUTO_TEST_CASE(an_id_is_in_flight_once) {
    Bench bench;
    const std::string session = bench.open_session();
    Call first = bench.post(session, tool_call("5"));
    Call second = bench.post(session, tool_call("5"));
    BOOST_TEST(second->status() == 400);
    BOOST_TEST(has(second->response.text, R"("id":5)"));
    bench.say(0, result("5"));
    BOOST_TEST(first->response.finished);
    bench.drop(first);
    bench.drop(second);
    BOOST_TEST(bench.post(session, tool_call("5"))->response.heads == 0);
}

BOOST_AUTO_TEST_CASE(a_child_that_dies_fails_its_calls_and_the_next_one_is_told_the_session) {
    Bench bench;
    const std::string session = bench.open_session();
    bench.post(session, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    Call call = bench.post(session, tool_call("0"));
    bench.die(0);
    BOOST_TEST(call->response.failed);
    BOOST_TEST(call->response.reason == POSTERN_REASON_UPSTREAM_UNREACHABLE);
    bench.drop(call);
    // The id of the client's own initialize is free again.
    Call next = bench.post(session, tool_call("0"));
    BOOST_REQUIRE(bench.children.size() == 2u);
    BOOST_TEST(bench.children[1]->lines.size() == 1u);
    BOOST_TEST(has(bench.last_line(1), R"("id":"postern:initialize","method":"initialize")"));
    bench.say(1, R"({"jsonrpc":"2.0","id":"postern:initialize","result":)"
                 R"({"protocolVersion":"2025-06-18"}})");
    BOOST_TEST(bench.children[1]->lines.size() == 3u);
    BOOST_TEST(has(bench.children[1]->lines[1], "notifications/initialized"));
    bench.say(1, result("0"));
    BOOST_TEST(next->response.text == result("0"));
    bench.drop(next);
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_open_is_told_in_band_that_its_child_died) {
    Bench bench;
    const std::string session = bench.open_session();
    Call call = bench.post(session, tool_call("\"x\""));
    bench.say(0, kLogNotice);
    bench.die(0);
    BOOST_TEST(has(call->response.text, R"("id":"x","error":{"code":759)"));
    BOOST_TEST(call->response.finished);
    bench.drop(call);
}

BOOST_AUTO_TEST_CASE(a_next_child_of_another_mind_ends_the_session) {
    Bench bench;
    const std::string session = bench.open_session();
    bench.die(0);
    Call call = bench.post(session, tool_call("1"));
    bench.say(1, R"({"jsonrpc":"2.0","id":"postern:initialize","result":)"
                 R"({"protocolVersion":"2024-11-05"}})");
    BOOST_TEST(call->status() == 404);
    bench.drop(call);
    BOOST_TEST(bench.post(session, tool_call("1"))->status() == 404);
    BOOST_TEST(bench.children[1]->stopped);
}

BOOST_AUTO_TEST_CASE(children_that_keep_dying_are_started_ever_more_slowly) {
    Bench bench;
    for (std::size_t i = 0; i < 2; ++i) {
        Call call = bench.request("POST", Bench::kInitialize, {}, "uri:a");
        bench.die(i, "exited with code 127");
        BOOST_TEST(call->response.reason == POSTERN_REASON_UPSTREAM_UNREACHABLE);
        bench.drop(call);
    }
    Call held = bench.request("POST", Bench::kInitialize, {}, "uri:a");
    BOOST_TEST(held->status() == 503);
    BOOST_TEST(held->header("Retry-After") == "1");
    BOOST_TEST(has(held->response.text, R"("id":0,"error":{"code":763)"));
    bench.drop(held);
    // Another identity is not held up by it.
    Call other = bench.request("POST", Bench::kInitialize, {}, "uri:b");
    BOOST_TEST(bench.children.size() == 3u);
    bench.drop(other);
    bench.advance(2);
    Call call = bench.request("POST", Bench::kInitialize, {}, "uri:a");
    BOOST_TEST(bench.children.size() == 4u);
    bench.die(3);
    bench.drop(call);
    Call longer = bench.request("POST", Bench::kInitialize, {}, "uri:a");
    BOOST_TEST(longer->header("Retry-After") == "2");
    bench.drop(longer);
}

BOOST_AUTO_TEST_CASE(delete_ends_the_child_and_the_session) {
    Bench bench;
    const std::string session = bench.open_session();
    Call stream = bench.get(session);
    Call call = bench.post(session, tool_call("1"));
    Call deleted = bench.request("DELETE", "", {{"Mcp-Session-Id", session}});
    BOOST_TEST(deleted->status() == 200);
    BOOST_TEST(stream->response.finished);
    BOOST_TEST(call->status() == 404);
    BOOST_TEST(has(call->response.text, R"("id":1)"));
    BOOST_TEST(bench.children[0]->stopped);
    for (Call* each : {&stream, &call, &deleted}) bench.drop(*each);
    BOOST_TEST(bench.request("DELETE", "", {{"Mcp-Session-Id", session}})->status() == 404);
    BOOST_TEST(bench.upstream->backend().homes() == 1u);  // its child is on its way out
    bench.die(0);
    BOOST_TEST(bench.upstream->backend().homes() == 0u);
}

BOOST_AUTO_TEST_CASE(a_session_that_nobody_uses_ends) {
    auto settings = Bench::defaults();
    settings.idle_timeout_ns = 20 * config::kSecond;
    Bench bench(1, settings);
    const std::string session = bench.open_session();
    Call stream = bench.get(session);
    bench.advance(60);
    BOOST_TEST(!bench.children[0]->stopped);
    BOOST_TEST(has(stream->response.text, ": keep-alive"));
    bench.drop(stream);
    bench.advance(41);
    BOOST_TEST(bench.children[0]->stopped);
    BOOST_TEST(bench.post(session, tool_call("1"))->status() == 404);
}

BOOST_AUTO_TEST_CASE(one_identity_has_half_of_the_children_and_makes_room_for_itself) {
    auto settings = Bench::defaults();
    settings.max_children = 4;
    Bench bench(1, settings);
    const std::string first = bench.open_session("2025-06-18", "uri:a");
    const std::string second = bench.open_session("2025-06-18", "uri:a");
    Call third = bench.request("POST", Bench::kInitialize, {}, "uri:a");
    BOOST_TEST(third->status() == 503);
    BOOST_TEST(third->header("Retry-After") == "1");
    bench.open_session("2025-06-18", "uri:b");
    bench.open_session("2025-06-18", "uri:c");
    BOOST_TEST(bench.request("POST", Bench::kInitialize, {}, "uri:d")->status() == 503);
    // A session that its client has most likely left goes for a new one of the same identity.
    bench.advance(2);
    bench.request("POST", kLogNotice, {{"Mcp-Session-Id", second}}, "uri:a");
    const std::string next = bench.open_session("2025-06-18", "uri:a");
    test::Headers headers{{"Mcp-Session-Id", first}};
    BOOST_TEST(bench.request("POST", tool_call("1"), headers, "uri:a")->status() == 404);
    BOOST_TEST(bench.children[0]->stopped);
    BOOST_TEST(bench.request("POST", Bench::kInitialize, {}, "uri:d")->status() == 503);
}

BOOST_AUTO_TEST_CASE(a_slow_client_stops_the_child) {
    Bench bench;
    const std::string session = bench.open_session();
    Call slow = bench.post(session, tool_call("1", "1"));
    Call other = bench.post(session, tool_call("2", "2"));
    slow->response.waiting = net::ResponseStream::kHighWater + 1;
    bench.say(0, progress("1"));
    BOOST_TEST(bench.children[0]->paused);
    other->response.waiting = net::ResponseStream::kHighWater + 1;
    bench.say(0, progress("2"));
    slow->response.waiting = 0;
    slow->loop->run([&] { slow->exchange->on_writable(); });
    bench.settle();
    BOOST_TEST(bench.children[0]->paused);
    bench.drop(other);  // gone counts as room
    BOOST_TEST(!bench.children[0]->paused);
    // An answer that ends the stream ends the waiting for it.
    slow->response.waiting = net::ResponseStream::kHighWater + 1;
    bench.say(0, progress("1"));
    BOOST_TEST(bench.children[0]->paused);
    bench.say(0, result("1"));
    BOOST_TEST(!bench.children[0]->paused);
    bench.drop(slow);
}

BOOST_AUTO_TEST_CASE(a_child_that_does_not_read_is_given_no_more) {
    Bench bench;
    const std::string session = bench.open_session();
    bench.children[0]->queued = upstream::StdioChild::kHighWater + 1;
    Call call = bench.post(session, tool_call("1"));
    BOOST_TEST(call->status() == 503);
    BOOST_TEST(call->header("Retry-After") == "1");
    bench.drop(call);
}

BOOST_AUTO_TEST_CASE(a_silent_request_becomes_a_stream_that_is_kept_alive_and_can_be_resumed) {
    Bench bench;
    const std::string session = bench.open_session("2025-11-25");
    Call call = bench.post(session, tool_call("1"));
    bench.advance(14);
    BOOST_TEST(call->response.heads == 0);
    bench.advance(2);
    BOOST_TEST(call->streams());
    BOOST_TEST(has(call->response.text, "id: 2-0\ndata:\n\n"));
    bench.drop(call);
    bench.say(0, result("1"));
    Call resumed = bench.get(session, "2-0");
    BOOST_TEST(has(resumed->response.text, result("1")));
    BOOST_TEST(resumed->response.finished);
    bench.drop(resumed);
}

BOOST_AUTO_TEST_CASE(a_request_that_gets_no_word_in_its_time_is_cancelled) {
    auto settings = Bench::defaults();
    settings.request_timeout_ns = 5 * config::kSecond;
    Bench bench(1, settings);
    const std::string session = bench.open_session();
    Call silent = bench.post(session, tool_call("1"));
    Call talking = bench.post(session, tool_call("2", "2"));
    bench.say(0, progress("2"));
    bench.advance(6);
    BOOST_TEST(silent->response.reason == POSTERN_REASON_UPSTREAM_TIMEOUT);
    BOOST_TEST(has(bench.last_line(0), R"("requestId":1)"));
    BOOST_TEST(!talking->response.ended());
    bench.drop(silent);
    bench.drop(talking);
}

BOOST_AUTO_TEST_CASE(a_retired_upstream_finishes_what_is_under_way) {
    Bench bench;
    const std::string busy = bench.open_session();
    const std::string quiet = bench.open_session();
    Call call = bench.post(busy, tool_call("1"));
    Call stream = bench.get(quiet);
    bench.upstream->retire();
    bench.settle();
    BOOST_TEST(stream->response.finished);
    BOOST_TEST(bench.children[1]->stopped);
    BOOST_TEST(!bench.children[0]->stopped);
    bench.drop(stream);
    bench.say(0, result("1"));
    BOOST_TEST(call->response.text == result("1"));
    BOOST_TEST(bench.children[0]->stopped);
    bench.drop(call);
    BOOST_TEST(bench.request("POST", Bench::kInitialize, {})->response.reason ==
               POSTERN_REASON_SHUTDOWN);
}

BOOST_AUTO_TEST_SUITE_END()
