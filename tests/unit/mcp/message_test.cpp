#include "core/mcp/message.h"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern::mcp;

namespace {

Message read(std::string_view body) {
    auto messages = read_messages(body, "");
    if (!messages) BOOST_FAIL(messages.error().message + ": " + std::string(body));
    BOOST_REQUIRE(messages->all.size() == 1u);
    return messages->all.front();
}

void refuse(std::string_view body) {
    BOOST_TEST(!read_messages(body, "").ok(), body);
}

std::string call(std::string_view params) {
    return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)" + std::string(params) + "}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message)

BOOST_AUTO_TEST_CASE(tool_is_read_from_the_body) {
    const auto message = read(call(R"({"name":"read\u005ffile","arguments":{"name":"x"}})"));
    BOOST_TEST((message.kind == MessageKind::request));
    BOOST_TEST(message.method == "tools/call");
    BOOST_TEST(message.name == "read_file");
    BOOST_TEST(message.name_kind == POSTERN_NAME_TOOL);
    BOOST_TEST(message.era == POSTERN_ERA_LEGACY);
    BOOST_TEST(message.id == "1");
}

BOOST_AUTO_TEST_CASE(every_kind_of_name_has_its_own_key) {
    const auto name = [](std::string_view method, std::string_view params) {
        const auto message = read(R"({"jsonrpc":"2.0","id":"a","method":")" + std::string(method) +
                                  R"(","params":)" + std::string(params) + "}");
        return std::to_string(message.name_kind) + message.name;
    };
    BOOST_TEST(name("prompts/get", R"({"name":"p","uri":"u"})") == "2p");
    BOOST_TEST(name("resources/read", R"({"name":"p","uri":"u"})") == "3u");
    BOOST_TEST(name("tasks/cancel", R"({"taskId":"t"})") == "4t");
    BOOST_TEST(name("tools/list", R"({"name":"x"})") == "0");
    BOOST_TEST(name("tools/call", R"({})") == "1");
}

BOOST_AUTO_TEST_CASE(era_follows_the_version_in_the_body) {
    const auto era = [](std::string_view version) {
        return read(call(R"({"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":)" +
                         std::string(version) + "}}"));
    };
    BOOST_TEST(era(R"("2026-07-28")").era == POSTERN_ERA_MODERN);
    BOOST_TEST(era(R"("2027-01-01")").era == POSTERN_ERA_MODERN);
    BOOST_TEST(era(R"("2025-11-25")").era == POSTERN_ERA_LEGACY);
    BOOST_TEST(era("7").era == POSTERN_ERA_MODERN);
    BOOST_TEST(era("7").claims_version);
    BOOST_TEST(era("7").protocol_version.empty());
}

BOOST_AUTO_TEST_CASE(kinds_are_told_apart) {
    BOOST_TEST((read(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").kind ==
                MessageKind::notification));
    BOOST_TEST((read(R"({"jsonrpc":"2.0","id":"x","result":{}})").kind == MessageKind::response));
    refuse(R"({"jsonrpc":"2.0","id":1})");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"a","result":{}})");
}

BOOST_AUTO_TEST_CASE(ids_are_kept_as_they_are) {
    const auto id = [](std::string_view text) {
        return read(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::string(text) + "}").id;
    };
    for (const auto* legal : {"-9007199254740993", "18446744073709551615", "18446744073709551616",
                              "123456789012345678901234567890", "1.5", "1.0", "1e3", "1E400", "-0",
                              R"("a\"\u0001")", R"("\u00e9\/")", R"("")"}) {
        BOOST_TEST(id(legal) == legal);
    }
    for (const auto* bad : {"null", "true", "{}", "[]"}) {
        refuse(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::string(bad) + "}");
    }
    const auto batch = read_messages(
        R"([ {"jsonrpc":"2.0","id":1e2,"method":"a"} , {"id":"\u0062","jsonrpc":"2.0","method":"b"}])",
        "");
    BOOST_REQUIRE(batch.ok());
    BOOST_TEST(batch->all[0].id == "1e2");
    BOOST_TEST(batch->all[1].id == R"("\u0062")");
}

BOOST_AUTO_TEST_CASE(an_error_may_answer_what_had_no_readable_id) {
    const auto message = read(R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}})");
    BOOST_TEST((message.kind == MessageKind::response));
    BOOST_TEST(message.id.empty());
    refuse(R"({"jsonrpc":"2.0","id":null,"result":{}})");
}

BOOST_AUTO_TEST_CASE(the_sender_of_a_refused_request_can_be_told) {
    BOOST_TEST(id_of_refused(R"({"id":7.0,"method":"a"})") == "7.0");
    BOOST_TEST(id_of_refused(R"({"jsonrpc":"2.0","id":"x","method":"a","params":[]})") == R"("x")");
    for (const auto* body :
         {"", "{", "7", R"({"id":7})", R"({"id":7,"id":8,"method":"a"})",
          R"({"id":7,"ID":8,"method":"a"})", R"({"id":null,"method":"a"})",
          R"({"id":{},"method":"a"})", R"({"id":7,"method":1})", R"([{"id":7,"method":"a"}])"}) {
        BOOST_TEST(id_of_refused(body).empty(), body);
    }
}

BOOST_AUTO_TEST_CASE(keys_that_two_parsers_read_differently_are_refused) {
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"})");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"})");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"})");
    refuse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"param\xc5\xbf\":{}}");
    refuse(call(R"({"name":"a","name":"b"})"));
    refuse(call(R"({"name":"a","NAME":"b"})"));
    refuse(call(R"({"name":"a","x":1,"x":2})"));
    refuse(call(R"({"name":"a","_meta":{},"_Meta":{}})"));
    refuse(call(R"({"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                R"("io.modelcontextprotocol/protocolversion":"2025-11-25"}})"));
    BOOST_TEST(read(call(R"({"name":"a","arguments":{"x":1,"X":2,"x":3}})")).name == "a");
}

BOOST_AUTO_TEST_CASE(types_other_than_expected_are_refused) {
    refuse(call(R"({"name":["a"]})"));
    refuse(call(R"({"name":null})"));
    refuse(call("[]"));
    refuse(call(R"({"name":"a","_meta":[]})"));
    refuse(R"({"jsonrpc":"1.0","id":1,"method":"ping"})");
    refuse(R"({"id":1,"method":"ping"})");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":""})");
    refuse("7");
    refuse("\"x\"");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_json_is_refused) {
    refuse("");
    refuse("{");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"ping"} x)");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0"})");
    refuse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\xff\"}");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":\u0031}})");
    refuse(R"({"jsonrpc":"2.0","id":1,"method":"p\ud800"})");
    refuse(call(R"({"name":"a","arguments":{"x":01234567890123456789012}})"));
}

BOOST_AUTO_TEST_CASE(numbers_of_any_length_pass) {
    const auto text = call(R"({"name":"a","arguments":{"x":[123456789012345678901234567890,)"
                           R"(-99999999999999999999,1e400,-1.5E+9999,123456789012345678901.5e7,)"
                           R"(12345678901234567890E5],"y":"\"12345678901234567890123"}})");
    BOOST_TEST(read(text).name == "a");
    for (const auto* number :
         {"12345678901234567890.", "12345678901234567890..5", "12345678901234567890.5.5", "1e400e5",
          "1e999-", "1e+-999", "012345678901234567890", "-12345678901234567890a",
          "1.5.1234567890123456789012e999", "1e400,01"}) {
        refuse(call(R"({"name":"a","arguments":[)" + std::string(number) + "]}"));
    }
}

BOOST_AUTO_TEST_CASE(depth_is_bounded) {
    const auto nested = [](std::size_t levels) {
        return call(R"({"name":"a","arguments":)" + std::string(levels, '[') +
                    std::string(levels, ']') + "}");
    };
    BOOST_TEST(read(nested(50)).name == "a");
    refuse(nested(64));
    refuse(std::string(1000000, '['));
}

BOOST_AUTO_TEST_CASE(batches_end_with_the_revision_that_ended_them) {
    const std::string two =
        R"([{"jsonrpc":"2.0","id":1,"method":"ping"},)" + call(R"({"name":"b"})") + "]";
    for (const auto* version : {"", "2025-03-26"}) {
        const auto messages = read_messages(two, version);
        BOOST_REQUIRE(messages.ok());
        BOOST_TEST(messages->batch);
        BOOST_TEST(messages->all.at(1).name == "b");
    }
    for (const auto* version : {"2025-06-18", "2025-11-25", "2026-07-28", "x"}) {
        BOOST_TEST(!read_messages(two, version).ok());
    }
    refuse("[]");
    refuse("[7]");
    refuse(
        "[" +
        call(R"({"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})") +
        "]");
    std::string many = "[";
    for (int i = 0; i < 101; ++i) many += R"({"jsonrpc":"2.0","method":"a"},)";
    many.back() = ']';
    refuse(many);
}

BOOST_AUTO_TEST_CASE(json_without_a_message_is_told_apart) {
    const auto other =
        read_messages(R"({"redirect_uris":["https://a"],"client_name":"x","id":1})", "");
    BOOST_REQUIRE(other.ok());
    BOOST_TEST(!other->json_rpc);
    BOOST_TEST(other->all.empty());
    refuse(R"({"Method":"tools/call","id":1,"Jsonrpc":"2.0"})");
}

BOOST_AUTO_TEST_SUITE_END()
