#include "core/mcp/modern_request.h"

#include <array>
#include <initializer_list>
#include <string>
#include <utility>

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

using Headers = std::initializer_list<std::pair<const char*, const char*>>;

constexpr std::array<std::string_view, 1> kSupported{mcp::kModernVersion};
const std::string kVersion = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")";
const std::string kWhole = kVersion + R"(,"io.modelcontextprotocol/clientCapabilities":{})";

net::HttpRequest request_with(Headers headers) {
    net::HttpRequest request;
    request.method = "POST";
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return request;
}

mcp::Message message_of(const std::string& body) {
    auto messages = mcp::read_messages(body, "");
    if (!messages) BOOST_FAIL(messages.error().message + ": " + body);
    return messages->all.front();
}

mcp::Message message(const std::string& method, const std::string& meta,
                     const std::string& params = "") {
    return message_of(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":{)" +
                      params + R"("_meta":{)" + meta + "}}}");
}

int code(const mcp::Message& message, Headers headers) {
    const auto fault = mcp::check_modern_request(request_with(headers), message, kSupported);
    if (fault) BOOST_TEST(fault->status == 400);
    return fault ? fault->code : 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(modern_request)

BOOST_AUTO_TEST_CASE(the_body_decides_on_the_era_before_the_header) {
    const auto modern = [](const mcp::Message& message, const char* version) {
        return mcp::is_modern(request_with({{"MCP-Protocol-Version", version}}), message);
    };
    BOOST_TEST(modern(message("a", kVersion), "2025-11-25"));
    BOOST_TEST(modern(message("a", ""), "2026-07-28"));
    BOOST_TEST(!modern(message("a", ""), "2025-11-25"));
    BOOST_TEST(!modern(message("initialize", ""), "2026-07-28"));
    BOOST_TEST(!modern(message("initialize", kVersion), "2026-07-28"));
    BOOST_TEST(modern(message("initialize", kWhole), "2026-07-28"));
}

BOOST_AUTO_TEST_CASE(meta_must_be_whole) {
    const Headers headers{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/list"}};
    const auto list = [&](const std::string& meta) {
        return code(message("tools/list", meta), headers);
    };
    BOOST_TEST(list(kWhole) == 0);
    BOOST_TEST(list("") == mcp::kInvalidParams);
    BOOST_TEST(list(kVersion) == mcp::kInvalidParams);
    BOOST_TEST(list(kVersion + R"(,"io.modelcontextprotocol/clientCapabilities":7)") ==
               mcp::kInvalidParams);
    BOOST_TEST(list(kWhole + R"(,"io.modelcontextprotocol/clientInfo":{"name":"a"})") ==
               mcp::kInvalidParams);
    BOOST_TEST(
        list(kWhole + R"(,"io.modelcontextprotocol/clientInfo":{"name":"a","version":"1"})") == 0);
    BOOST_TEST(list(kWhole + R"(,"io.modelcontextprotocol/logLevel":"loud")") ==
               mcp::kInvalidParams);
    BOOST_TEST(list(kWhole + R"(,"io.modelcontextprotocol/logLevel":"debug")") == 0);
}

BOOST_AUTO_TEST_CASE(headers_must_say_what_the_body_says) {
    const auto list = message("tools/list", kWhole);
    BOOST_TEST(code(list, {}) == mcp::kHeaderMismatch);
    BOOST_TEST(code(list, {{"MCP-Protocol-Version", "2026-07-28"}}) == mcp::kHeaderMismatch);
    BOOST_TEST(code(list, {{"MCP-Protocol-Version", "2025-11-25"}, {"Mcp-Method", "tools/list"}}) ==
               mcp::kHeaderMismatch);
    BOOST_TEST(code(list, {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "Tools/List"}}) ==
               mcp::kHeaderMismatch);

    const auto call = message("tools/call", kWhole, R"("name":"\u00e4",)");
    const auto named = [&](const char* name) {
        return code(call, {{"MCP-Protocol-Version", "2026-07-28"},
                           {"Mcp-Method", "tools/call"},
                           {"Mcp-Name", name}});
    };
    BOOST_TEST(named("=?base64?w6Q=?=") == 0);
    BOOST_TEST(named("=?base64?w6Q?=") == mcp::kHeaderMismatch);
    BOOST_TEST(named("a") == mcp::kHeaderMismatch);
    BOOST_TEST(code(call, {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}}) ==
               mcp::kHeaderMismatch);
    const auto subscribe = message("resources/subscribe", kWhole, R"("uri":"a:b",)");
    BOOST_TEST(code(subscribe, {{"MCP-Protocol-Version", "2026-07-28"},
                                {"Mcp-Method", "resources/subscribe"}}) == 0);
}

BOOST_AUTO_TEST_CASE(an_unsupported_version_is_told_with_the_supported_ones) {
    const auto future =
        message("tools/list", R"("io.modelcontextprotocol/protocolVersion":"2099-01-01",)"
                              R"("io.modelcontextprotocol/clientCapabilities":{})");
    const auto request =
        request_with({{"MCP-Protocol-Version", "2099-01-01"}, {"Mcp-Method", "tools/list"}});
    const auto fault = mcp::check_modern_request(request, future, kSupported);
    BOOST_REQUIRE(fault.has_value());
    BOOST_TEST(fault->code == mcp::kUnsupportedVersion);
    BOOST_TEST(fault->data == R"({"supported":["2026-07-28"],"requested":"2099-01-01"})");
    BOOST_TEST(!mcp::check_modern_request(request, future, {}).has_value());
}

BOOST_AUTO_TEST_CASE(notifications_need_no_envelope_and_responses_are_refused) {
    const auto plain = message_of(R"({"jsonrpc":"2.0","method":"notifications/x"})");
    BOOST_TEST(code(plain, {{"MCP-Protocol-Version", "2026-07-28"}}) == 0);
    BOOST_TEST(code(plain, {{"MCP-Protocol-Version", "2099-01-01"}}) == mcp::kUnsupportedVersion);
    BOOST_TEST(code(plain, {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "a"}}) ==
               mcp::kHeaderMismatch);
    const auto claiming = message_of(
        R"({"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":{)" + kVersion + "}}}");
    BOOST_TEST(code(claiming, {}) == 0);
    BOOST_TEST(code(claiming, {{"MCP-Protocol-Version", "2025-11-25"}}) == mcp::kHeaderMismatch);
    BOOST_TEST(code(message_of(R"({"jsonrpc":"2.0","id":1,"result":{}})"),
                    {{"MCP-Protocol-Version", "2026-07-28"}}) == mcp::kInvalidRequest);
}

BOOST_AUTO_TEST_CASE(headers_claim_nothing_but_what_the_body_says_in_either_era) {
    const auto lie = [](const std::string& body, Headers headers) {
        const auto messages = mcp::read_messages(body, "");
        BOOST_REQUIRE(messages.ok());
        return mcp::check_header_claims(request_with(headers).headers, *messages).has_value();
    };
    const std::string call =
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}})";
    BOOST_TEST(!lie(call, {}));
    BOOST_TEST(!lie(call, {{"Mcp-Method", "tools/call"}, {"Mcp-Name", "a"}}));
    BOOST_TEST(!lie(call, {{"Mcp-Name", "=?base64?YQ==?="}}));
    BOOST_TEST(lie(call, {{"mcp-method", "tools/list"}}));
    BOOST_TEST(lie(call, {{"Mcp-Method", "tools/call"}, {"Mcp-Method", "tools/list"}}));
    BOOST_TEST(lie(call, {{"Mcp_Name", "b"}}));
    BOOST_TEST(lie("[" + call + "]", {{"Mcp-Name", "a"}}));
    BOOST_TEST(!lie("[" + call + "]", {}));
}

BOOST_AUTO_TEST_SUITE_END()
