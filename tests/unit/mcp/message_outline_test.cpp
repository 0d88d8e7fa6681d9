#include "core/mcp/message_outline.h"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern::mcp;

namespace {

MessageOutline read(std::string_view json, Sender sender = Sender::client) {
    auto outline = MessageOutline::read(json, sender);
    if (!outline) BOOST_FAIL(outline.error().message + ": " + std::string(json));
    return std::move(*outline);
}

std::string at(const MessageOutline& outline, Place place) {
    return std::string(outline.raw(place).value_or("none"));
}

bool refused(std::string_view json, Sender sender) {
    return !MessageOutline::read(json, sender).ok();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_outline)

BOOST_AUTO_TEST_CASE(a_request_shows_its_places) {
    const std::string json =
        R"({"id" : "\u0061" ,"params":{"name":"t","arguments":{"id":9,"_meta":{"progressToken":3}},)"
        R"("_meta":{"progressToken": 1.0e1,"io.modelcontextprotocol/logLevel":"info"}},)"
        R"("method":"tools/call","jsonrpc":"2.0"})";
    const auto outline = read(json);
    BOOST_TEST((outline.kind() == MessageKind::request));
    BOOST_TEST(outline.method() == "tools/call");
    BOOST_TEST(outline.message().name == "t");
    BOOST_TEST(at(outline, Place::id) == R"("\u0061")");
    BOOST_TEST(at(outline, Place::asked_progress_token) == "1.0e1");
    BOOST_TEST(at(outline, Place::log_level) == R"("info")");
    BOOST_TEST(at(outline, Place::progress_token) == "none");
    BOOST_TEST(at(outline, Place::cancelled_id) == "none");
}

BOOST_AUTO_TEST_CASE(replacing_leaves_every_other_byte) {
    const std::string json =
        R"({"jsonrpc":"2.0","id":123456789012345678901,"method":"tools/call","params":{"_meta":)"
        R"({"progressToken":"p"},"name":"t","requestState":"\u00e9\/","n":[1.0,1E400,-0]}})";
    const auto outline = read(json);
    BOOST_TEST(outline.one_line() == json);
    BOOST_TEST(outline.replace({{Place::asked_progress_token, "77"}, {Place::id, "5"}}) ==
               R"({"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"_meta":)"
               R"({"progressToken":77},"name":"t","requestState":"\u00e9\/","n":[1.0,1E400,-0]}})");
    BOOST_TEST(outline.replace({{Place::subscription_id, "5"}}) == json);
}

BOOST_AUTO_TEST_CASE(a_printed_message_becomes_one_line) {
    const auto outline =
        read("\r\n{\n  \"jsonrpc\": \"2.0\",\r\n  \"id\": 1,\n  \"method\": \"a\\nb\"\n}\n");
    const auto line = outline.replace({{Place::id, "2"}});
    BOOST_TEST(line.find_first_of("\r\n") == std::string::npos);
    BOOST_TEST(line.find(R"("id": 2,)") != std::string::npos);
    BOOST_TEST(line.find(R"("a\nb")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(notifications_show_what_they_are_about) {
    const auto progress = read(
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"x","_meta":)"
        R"({"progressToken":1,"io.modelcontextprotocol/subscriptionId":4}}})",
        Sender::server);
    BOOST_TEST((progress.kind() == MessageKind::notification));
    BOOST_TEST(at(progress, Place::progress_token) == R"("x")");
    BOOST_TEST(at(progress, Place::asked_progress_token) == "none");
    BOOST_TEST(at(progress, Place::subscription_id) == "4");
    const auto cancelled = read(
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":18446744073709551616}})");
    BOOST_TEST(at(cancelled, Place::cancelled_id) == "18446744073709551616");
    const auto other = read(
        R"({"jsonrpc":"2.0","method":"notifications/x","params":{"requestId":1,"progressToken":2}})");
    BOOST_TEST(at(other, Place::cancelled_id) == "none");
    BOOST_TEST(at(other, Place::progress_token) == "none");
}

BOOST_AUTO_TEST_CASE(responses_show_their_outcome) {
    const auto result =
        read(R"({"jsonrpc":"2.0","id":7,"result":{"protocolVersion":"2025-11-25","_meta":)"
             R"({"io.modelcontextprotocol/subscriptionId":"s"}}})",
             Sender::server);
    BOOST_TEST((result.kind() == MessageKind::response));
    BOOST_TEST(!result.has_error());
    BOOST_TEST(at(result, Place::subscription_id) == R"("s")");
    BOOST_TEST(at(result, Place::protocol_version) == R"("2025-11-25")");
    const auto error = read(
        R"({"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"m","data":{"code":1,"code":2}}})",
        Sender::server);
    BOOST_TEST(error.has_error());
    BOOST_TEST(error.error_code().value() == -32601);
    const auto unaddressed =
        read(R"({"jsonrpc":"2.0","id":null,"error":{"code":1.5,"message":"m"}})", Sender::server);
    BOOST_TEST(at(unaddressed, Place::id) == "null");
    BOOST_TEST(unaddressed.message().id.empty());
    BOOST_TEST(!unaddressed.error_code().has_value());
}

BOOST_AUTO_TEST_CASE(what_two_parsers_read_differently_is_refused_from_either_side) {
    for (const auto sender : {Sender::client, Sender::server}) {
        for (
            const auto* json : {
                R"({"jsonrpc":"2.0","id":1,"id":2,"method":"a"})",
                R"({"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"a"})",
                R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"requestId":2}})",
                R"({"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":{"progressToken":1,"progressToken":2}}})",
                R"({"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":{},"_meta":{}}})",
                R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{},"_meta":{}}})",
                R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"code":2}})",
                R"({"jsonrpc":"2.0","id":null,"method":"a"})",
                R"({"jsonrpc":"2.0","id":[1],"result":{}})",
                R"({"jsonrpc":"2.0","id":1,"method":"a","result":{}})",
                R"({"jsonrpc":"2.0","id":1})",
                R"({"jsonrpc":"1.0","id":1,"result":{}})",
                R"([{"jsonrpc":"2.0","id":1,"result":{}}])",
                "Listening on port 3000",
                "",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":\"\xff\"}}",
            }) {
            BOOST_TEST(refused(json, sender), json);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_server_may_use_keys_that_look_like_ours) {
    const auto* json =
        R"({"jsonrpc":"2.0","method":"a","params":{"Name":1,"URI":2,"name":[],"x":1,"x":2}})";
    BOOST_TEST(refused(json, Sender::client));
    BOOST_TEST(!refused(json, Sender::server));
}

BOOST_AUTO_TEST_CASE(a_batch_falls_into_its_elements) {
    const auto two = batch_elements(" [ {\"a\":[1,2]} ,7]\n");
    BOOST_REQUIRE(two.ok());
    BOOST_REQUIRE(two->has_value());
    BOOST_TEST((**two).size() == 2u);
    BOOST_TEST((**two)[0] == "{\"a\":[1,2]}");
    BOOST_TEST((**two)[1] == "7");
    BOOST_TEST(!batch_elements("{}")->has_value());
    BOOST_TEST(!batch_elements("")->has_value());
    BOOST_TEST(!batch_elements("[]").ok());
    BOOST_TEST(!batch_elements("[1").ok());
    std::string many = "[";
    for (int i = 0; i < 101; ++i) many += "1,";
    many.back() = ']';
    BOOST_TEST(!batch_elements(many).ok());
}

BOOST_AUTO_TEST_SUITE_END()
