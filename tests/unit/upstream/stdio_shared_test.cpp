#include "core/upstream/stdio/shared.h"

#include <string>

#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/stdio_bench.h"

using namespace postern;
using test::Bench;
using test::Call;
using test::has;

namespace {

const std::string kMeta = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                          R"("io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},)"
                          R"("io.modelcontextprotocol/clientCapabilities":{})";

// The newer era through one bench. The gate's own ids count from 1: the first that a child sees is
// its probe's, if it has one.
struct Modern {
    explicit Modern(std::size_t loop_count = 1) : bench(loop_count) {}

    Bench bench;

    Call call(const std::string& id, const std::string& method = "tools/list",
              const std::string& more_meta = "", const std::string& identity = "") {
        const std::string body = R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method +
                                 R"(","params":{"_meta":{)" + kMeta + more_meta + "}}}";
        return bench.request("POST", body,
                             {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}},
                             identity);
    }
    // What the child was sent last has this id.
    std::string number(std::size_t child = 0) {
        const std::string line = bench.last_line(child);
        const std::size_t at = line.find(R"("id":)") + 5;
        return line.substr(at, line.find_first_of(",}", at) - at);
    }
    void answer_probe(std::size_t child = 0) {
        bench.say(child, R"({"jsonrpc":"2.0","id":)" + number(child) +
                             R"(,"result":{"resultType":"complete","supportedVersions":)"
                             R"(["2026-07-28"]}})");
    }
    // A first call, answered: the era is known.
    void begin() {
        Call first = call("0");
        answer_probe();
        bench.say(0, reply(number()));
        BOOST_TEST(first->response.finished);
        bench.drop(first);
    }
    static std::string reply(const std::string& id, const std::string& extra = "") {
        return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"resultType":"complete")" + extra +
               "}}";
    }
    static std::string error(const std::string& id, const std::string& code) {
        return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":)" + code +
               R"(,"message":"m"}})";
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stdio_shared)

BOOST_AUTO_TEST_CASE(a_new_command_is_asked_for_its_era_before_anything_else) {
    Modern modern;
    Call call = modern.call("\"mine\"");
    BOOST_REQUIRE(modern.bench.children.size() == 1u);
    BOOST_TEST(modern.bench.children[0]->lines.size() == 1u);
    BOOST_TEST(has(modern.bench.last_line(0), "server/discover"));
    modern.answer_probe();
    BOOST_TEST(has(modern.bench.last_line(0), "tools/list"));
    modern.bench.say(0, Modern::reply(modern.number()));
    BOOST_TEST(call->status() == 200);
    BOOST_TEST(call->header("Mcp-Session-Id").empty());
    BOOST_TEST(call->response.text == Modern::reply("\"mine\""));
    modern.bench.drop(call);
    // The same identity's next child is not asked again.
    modern.bench.die(0);
    Call again = modern.call("1");
    BOOST_REQUIRE(modern.bench.children.size() == 2u);
    BOOST_TEST(has(modern.bench.last_line(1), "tools/list"));
    modern.bench.drop(again);
}

BOOST_AUTO_TEST_CASE(a_revision_that_the_server_has_not_is_refused_with_those_it_has) {
    Modern modern;
    modern.begin();
    const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{)"
                             R"("io.modelcontextprotocol/protocolVersion":"2099-01-01",)"
                             R"("io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},)"
                             R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
    Call call = modern.bench.request(
        "POST", body, {{"MCP-Protocol-Version", "2099-01-01"}, {"Mcp-Method", "tools/list"}});
    BOOST_TEST(call->status() == 400);
    BOOST_TEST(has(call->response.text, "-32022"));
    BOOST_TEST(has(call->response.text, R"(["2026-07-28"])"));
}

BOOST_AUTO_TEST_CASE(a_command_of_the_older_era_lets_its_clients_fall_back) {
    Modern modern;
    Call call = modern.call("7");
    modern.bench.say(0, Modern::error(modern.number(), "-32601"));
    BOOST_TEST(call->status() == 400);
    BOOST_TEST(has(call->response.text, R"("code":-32000,"message":"Bad Request: Server not)"));
    BOOST_TEST(modern.bench.children[0]->stopped);
    modern.bench.drop(call);
    // Remembered.
    BOOST_TEST(modern.call("8")->status() == 400);
    BOOST_TEST(modern.bench.children.size() == 1u);
    BOOST_TEST(!modern.bench.open_session().empty());
}

BOOST_AUTO_TEST_CASE(what_one_identitys_child_says_of_its_era_counts_for_no_other) {
    Modern modern;
    modern.begin();
    Call refused = modern.call("1", "tools/list", "", "uri:a");
    modern.bench.say(1, Modern::error(modern.number(1), "-32601"));
    BOOST_TEST(refused->status() == 400);
    modern.bench.drop(refused);
    BOOST_TEST(modern.call("2", "tools/list", "", "uri:a")->status() == 400);
    Call mine = modern.call("3");
    modern.bench.say(0, Modern::reply(modern.number()));
    BOOST_TEST(mine->status() == 200);
    modern.bench.drop(mine);
    Call other = modern.call("4", "tools/list", "", "uri:b");
    BOOST_REQUIRE(modern.bench.children.size() == 3u);
    BOOST_TEST(has(modern.bench.last_line(2), "server/discover"));
    modern.bench.drop(other);
}

BOOST_AUTO_TEST_CASE(only_an_answer_of_the_older_era_is_believed_for_long) {
    for (const auto& [code, started_again] : {std::pair{"-32603", true}, {"-32601", false}}) {
        Modern modern;
        Call call = modern.call("7");
        modern.bench.say(0, Modern::error(modern.number(), code));
        BOOST_TEST(call->status() == 400);
        modern.bench.drop(call);
        BOOST_TEST(modern.call("8")->status() == 400);
        modern.bench.die(0);
        modern.bench.advance(40);
        Call again = modern.call("9");
        BOOST_TEST((modern.bench.children.size() == 2u) == started_again);
        modern.bench.drop(again);
    }
}

BOOST_AUTO_TEST_CASE(a_recognised_error_is_an_answer_of_the_newer_era) {
    Modern modern;
    Call call = modern.call("7");
    modern.bench.say(0, Modern::error(modern.number(), "-32022"));
    BOOST_TEST(!call->response.ended());
    BOOST_TEST(has(modern.bench.last_line(0), "tools/list"));
    modern.bench.drop(call);
}

BOOST_AUTO_TEST_CASE(silence_means_the_older_era_but_not_for_long) {
    Modern modern;
    Call call = modern.call("7");
    modern.bench.advance(6);
    BOOST_TEST(call->status() == 400);
    modern.bench.drop(call);
    BOOST_TEST(modern.call("8")->status() == 400);
    BOOST_TEST(modern.bench.children.size() == 1u);
    modern.bench.advance(60);
    Call again = modern.call("9");
    BOOST_TEST(modern.bench.children.size() == 2u);
    modern.bench.drop(again);
}

BOOST_AUTO_TEST_CASE(clients_with_the_same_ids_and_tokens_are_kept_apart) {
    Modern modern;
    modern.begin();
    const std::string token = R"(,"progressToken":"t")";
    Call first = modern.call("1", "tools/list", token);
    const std::string first_number = modern.number();
    Call second = modern.call("1", "tools/list", token);
    const std::string second_number = modern.number();
    BOOST_TEST(first_number != second_number);
    BOOST_TEST(has(modern.bench.last_line(0), R"("progressToken":)" + second_number));
    modern.bench.say(0, R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                        R"({"progressToken":)" +
                            second_number + R"(,"progress":1}})");
    BOOST_TEST(has(second->response.text, R"("progressToken":"t","progress":1)"));
    BOOST_TEST(second->header("X-Accel-Buffering") == "no");
    BOOST_TEST(!has(second->response.text, "id: "));
    BOOST_TEST(first->response.heads == 0);
    // As a language with nothing but doubles writes it.
    modern.bench.say(0, Modern::reply(first_number + ".0", R"(,"n":12345678901234567890)"));
    BOOST_TEST(first->response.text == Modern::reply("1", R"(,"n":12345678901234567890)"));
    modern.bench.say(0, Modern::reply(second_number));
    BOOST_TEST(second->response.finished);
    modern.bench.drop(first);
    modern.bench.drop(second);
}

BOOST_AUTO_TEST_CASE(statuses_say_what_kind_of_error_it_is) {
    Modern modern;
    modern.begin();
    const std::pair<std::string, int> cases[] = {
        {"-32601", 404}, {"-32022", 400}, {"-32021", 400}, {"-32602", 200}, {"-32603", 200}};
    for (const auto& [code, status] : cases) {
        Call call = modern.call("1");
        modern.bench.say(0, Modern::error(modern.number(), code));
        BOOST_TEST(call->status() == status);
        BOOST_TEST(call->response.text == Modern::error("1", code));
        modern.bench.drop(call);
    }
}

BOOST_AUTO_TEST_CASE(a_subscription_hears_what_names_it) {
    Modern modern;
    modern.begin();
    Call listener = modern.call("\"l\"", "subscriptions/listen");
    const std::string number = modern.number();
    Call other = modern.call("1");
    const auto stamped = [&](const std::string& method, const std::string& id) {
        return R"({"jsonrpc":"2.0","method":")" + method +
               R"(","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}}}";
    };
    modern.bench.say(0, stamped("notifications/subscriptions/acknowledged", number));
    modern.bench.say(0, stamped("notifications/tools/list_changed", number));
    modern.bench.say(0, stamped("notifications/tools/list_changed", "4711"));
    BOOST_TEST(has(listener->response.text,
                   "data: " + stamped("notifications/tools/list_changed", "\"l\"")));
    BOOST_TEST(!has(listener->response.text, "4711"));
    BOOST_TEST(other->response.heads == 0);
    modern.bench.drop(other);
    modern.bench.upstream->retire();
    modern.bench.settle();
    BOOST_TEST(has(listener->response.text, R"("id":"l","result":{"resultType":"complete","_meta":)"
                                            R"({"io.modelcontextprotocol/subscriptionId":"l"}})"));
    BOOST_TEST(listener->response.finished);
    BOOST_TEST(modern.bench.children[0]->stopped);
    modern.bench.drop(listener);
}

BOOST_AUTO_TEST_CASE(a_disconnect_is_a_cancellation) {
    Modern modern;
    modern.begin();
    Call call = modern.call("\"c\"");
    const std::string number = modern.number();
    modern.bench.drop(call);
    const std::string line = modern.bench.last_line(0);
    BOOST_TEST(has(line, R"("method":"notifications/cancelled")"));
    BOOST_TEST(has(line, R"("requestId":)" + number));
    BOOST_TEST(has(line, R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")"));
    // Its late answer is nobody's.
    Call next = modern.call("\"c\"");
    modern.bench.say(0, Modern::reply(number));
    BOOST_TEST(next->response.heads == 0);
    modern.bench.drop(next);
}

BOOST_AUTO_TEST_CASE(a_posted_cancellation_is_taken_and_cancels_nothing) {
    Modern modern;
    modern.begin();
    Call call = modern.call("3");
    const std::string cancel = R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                               R"("params":{"requestId":3,"_meta":{)" +
                               kMeta + "}}}";
    const test::Headers headers{{"MCP-Protocol-Version", "2026-07-28"},
                                {"Mcp-Method", "notifications/cancelled"}};
    BOOST_TEST(modern.bench.request("POST", cancel, headers)->status() == 202);
    BOOST_TEST(has(modern.bench.last_line(0), "tools/list"));
    modern.bench.drop(call);
}

BOOST_AUTO_TEST_CASE(what_names_nobody_is_the_only_requests_there_ever_was_or_nobodys) {
    Modern modern;
    const std::string notice =
        R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}})";
    Call first = modern.call("1");
    modern.answer_probe();
    modern.bench.say(0, notice);
    BOOST_TEST(has(first->response.text, notice));
    first->response.text.clear();
    Call second = modern.call("2");
    modern.bench.say(0, notice);
    // A late word on a request that was cancelled is not for the one that remains.
    modern.bench.drop(first);
    modern.bench.say(0, notice);
    BOOST_TEST(second->response.text.empty());
    modern.bench.die(0);
    modern.bench.drop(second);
    // The next child has been given one only.
    Call third = modern.call("3");
    modern.bench.say(1, notice);
    BOOST_TEST(has(third->response.text, notice));
    modern.bench.drop(third);
}

BOOST_AUTO_TEST_CASE(a_child_asks_clients_nothing) {
    Modern modern;
    modern.begin();
    Call call = modern.call("1");
    modern.bench.say(0, R"({"jsonrpc":"2.0","id":"ask","method":"sampling/createMessage"})");
    BOOST_TEST(has(modern.bench.last_line(0), R"("id":"ask","error":{"code":-32601)"));
    BOOST_TEST(call->response.heads == 0);
    modern.bench.drop(call);
}

BOOST_AUTO_TEST_CASE(a_child_that_asks_and_does_not_read_is_held_back) {
    Modern modern;
    modern.begin();
    const std::string question = R"({"jsonrpc":"2.0","id":"ask","method":"roots/list"})";
    const auto& child = modern.bench.children[0];
    // What clients have sent does not hold it back: it may write before it reads on.
    child->queued = upstream::StdioChild::kHighWater + 1;
    modern.bench.say(0, question);
    BOOST_TEST(!child->paused);
    child->loop->run([&] {
        for (int i = 0; i < 5000 && !child->paused; ++i) child->events->on_line(question);
    });
    BOOST_TEST(child->paused);
    child->queued = 0;
    child->loop->run([&] { child->events->on_writable(); });
    BOOST_TEST(!child->paused);
    // One whose input is no more never says that there is room.
    child->queued = upstream::StdioChild::kHighWater + 1;
    child->loop->run([&] {
        for (int i = 0; i < 5000 && !child->paused; ++i) child->events->on_line(question);
    });
    BOOST_TEST(child->paused);
    child->queued = 0;
    modern.bench.advance(2);
    BOOST_TEST(!child->paused);
    // Long ids are not said again.
    modern.bench.say(
        0, R"({"jsonrpc":"2.0","id":")" + std::string(2000, 'a') + R"(","method":"roots/list"})");
    BOOST_TEST(has(modern.bench.last_line(0), R"("id":null,"error":{"code":-32601)"));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_holds_up_the_others_for_ten_seconds_at_most) {
    Modern modern;
    modern.begin();
    Call slow = modern.call("1", "tools/list", R"(,"progressToken":1)");
    const std::string number = modern.number();
    Call other = modern.call("2");
    const std::string others = modern.number();
    slow->response.waiting = net::ResponseStream::kHighWater + 1;
    modern.bench.say(0, R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                        R"({"progressToken":)" +
                            number + R"(,"progress":1}})");
    BOOST_TEST(modern.bench.children[0]->paused);
    modern.bench.advance(8);
    BOOST_TEST(modern.bench.children[0]->paused);
    BOOST_TEST(!slow->response.ended());
    modern.bench.advance(3);
    BOOST_TEST(!modern.bench.children[0]->paused);
    BOOST_TEST(slow->response.ended());
    BOOST_TEST(has(modern.bench.last_line(0), R"("requestId":)" + number));
    modern.bench.say(0, Modern::reply(others));
    BOOST_TEST(other->response.text == Modern::reply("2"));
    modern.bench.drop(slow);
    modern.bench.drop(other);
}

BOOST_AUTO_TEST_CASE(ids_and_tokens_have_a_length) {
    Modern modern;
    modern.begin();
    const std::string longest = "\"" + std::string(1022, 'a') + "\"";
    const std::string longer = "\"" + std::string(1023, 'a') + "\"";
    Call call = modern.call(longest, "tools/list", R"(,"progressToken":)" + longest);
    BOOST_TEST(call->response.heads == 0);
    modern.bench.drop(call);
    const Call by_id = modern.call(longer);
    BOOST_TEST(by_id->status() == 400);
    BOOST_TEST(has(by_id->response.text, "-32600"));
    BOOST_TEST(modern.call("1", "tools/list", R"(,"progressToken":)" + longer)->status() == 400);
}

BOOST_AUTO_TEST_CASE(headers_must_agree_with_the_body) {
    Modern modern;
    const std::string body =
        R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{)" + kMeta + "}}}";
    Call call = modern.bench.request(
        "POST", body, {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "prompts/list"}});
    BOOST_TEST(call->status() == 400);
    BOOST_TEST(has(call->response.text, "-32020"));
    BOOST_TEST(modern.bench.children.empty());
    for (const char* method : {"GET", "DELETE"}) {
        Call refused = modern.bench.request(method, "", {{"MCP-Protocol-Version", "2026-07-28"}});
        BOOST_TEST(refused->status() == 405);
        BOOST_TEST(refused->header("Allow") == "POST");
    }
}

BOOST_AUTO_TEST_CASE(identities_have_children_of_their_own) {
    Modern modern;
    modern.begin();
    Call a = modern.call("1", "tools/list", "", "uri:a");
    Call b = modern.call("1", "tools/list", "", "uri:b");
    Call b_again = modern.call("2", "tools/list", "", "uri:b");
    BOOST_REQUIRE(modern.bench.children.size() == 3u);
    BOOST_TEST(modern.bench.children[1]->identity == "uri:a");
    modern.answer_probe(2);
    BOOST_TEST(modern.bench.children[2]->lines.size() == 3u);
    modern.bench.drop(a);
    modern.bench.drop(b);
    modern.bench.drop(b_again);
}

BOOST_AUTO_TEST_CASE(a_child_that_dies_fails_its_calls_and_the_next_call_starts_another) {
    Modern modern;
    modern.begin();
    Call first = modern.call("1");
    Call second = modern.call("2");
    modern.bench.die(0);
    BOOST_TEST(first->response.reason == POSTERN_REASON_UPSTREAM_UNREACHABLE);
    BOOST_TEST(second->response.failed);
    modern.bench.drop(first);
    modern.bench.drop(second);
    Call next = modern.call("3");
    BOOST_REQUIRE(modern.bench.children.size() == 2u);
    modern.bench.say(1, Modern::reply(modern.number(1)));
    BOOST_TEST(next->response.text == Modern::reply("3"));
    modern.bench.drop(next);
}

BOOST_AUTO_TEST_CASE(a_probe_that_the_child_does_not_survive_decides_nothing) {
    Modern modern;
    Call call = modern.call("1");
    modern.bench.die(0);
    BOOST_TEST(call->response.reason == POSTERN_REASON_UPSTREAM_UNREACHABLE);
    modern.bench.drop(call);
    Call next = modern.call("2");
    BOOST_TEST(modern.bench.children.size() == 2u);
    BOOST_TEST(has(modern.bench.last_line(1), "server/discover"));
    modern.bench.drop(next);
}

BOOST_AUTO_TEST_SUITE_END()
