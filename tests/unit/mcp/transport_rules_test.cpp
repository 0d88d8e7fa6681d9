#include "core/mcp/transport_rules.h"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

net::HttpRequest request(std::string method, std::string_view name, std::string_view value) {
    net::HttpRequest made;
    made.method = std::move(method);
    made.headers.add(name, value);
    return made;
}

int status(const std::optional<mcp::RequestFault>& fault) {
    return fault ? fault->status : 200;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transport_rules)

BOOST_AUTO_TEST_CASE(both_types_must_be_accepted_by_a_post_of_the_older_era) {
    const auto post = [](std::string_view accept) {
        return status(mcp::check_legacy_accept(request("POST", "Accept", accept)));
    };
    BOOST_TEST(post("application/json, text/event-stream") == 200);
    BOOST_TEST(post("Text/Event-Stream;q=0.5 ,\tAPPLICATION/*") == 200);
    BOOST_TEST(post("*/*") == 200);
    BOOST_TEST(post("application/json") == 406);
    BOOST_TEST(post("text/event-stream") == 406);
    BOOST_TEST(post("application/jsonx, text/event-streamx") == 406);
    BOOST_TEST(post("") == 406);
    auto split = request("POST", "Accept", "application/json");
    split.headers.add("accept", "text/event-stream");
    BOOST_TEST(status(mcp::check_legacy_accept(split)) == 200);
    BOOST_TEST(status(mcp::check_legacy_accept(request("POST", "X", "y"))) == 406);
}

BOOST_AUTO_TEST_CASE(an_event_stream_must_be_accepted_by_a_get) {
    BOOST_TEST(status(mcp::check_legacy_accept(request("GET", "Accept", "text/event-stream"))) ==
               200);
    BOOST_TEST(status(mcp::check_legacy_accept(request("GET", "Accept", "application/json"))) ==
               406);
}

BOOST_AUTO_TEST_CASE(content_is_json_in_the_clear) {
    const auto content = [](std::string_view type, std::string_view encoding) {
        auto made = request("POST", "Content-Type", type);
        if (!encoding.empty()) made.headers.add("Content-Encoding", encoding);
        return status(mcp::check_content(made));
    };
    BOOST_TEST(content("application/json", "") == 200);
    BOOST_TEST(content("application/json; charset=utf-8", "identity") == 200);
    BOOST_TEST(content("application/json; charset=utf-16", "") == 415);
    BOOST_TEST(content("text/plain", "") == 415);
    BOOST_TEST(content("application/json", "gzip") == 415);
    BOOST_TEST(content("application/json", "identity, br") == 415);
}

BOOST_AUTO_TEST_CASE(a_body_is_refused_as_no_json_or_as_no_message) {
    for (const auto* body : {"", "{", "{} x", "[1,]", "\xef\xbb\xbf{}"}) {
        BOOST_TEST(mcp::refused_body(body, "why").code == mcp::kParseError, body);
    }
    for (const auto* body : {"{}", "7", "[]", R"({"jsonrpc":"2.0","id":1e400})"}) {
        BOOST_TEST(mcp::refused_body(body, "why").code == mcp::kInvalidRequest, body);
    }
}

BOOST_AUTO_TEST_CASE(versions_of_the_older_era_are_known) {
    const auto version = [](std::string_view value) {
        return status(mcp::check_legacy_version(request("POST", "MCP-Protocol-Version", value)));
    };
    for (const auto known : mcp::kLegacyVersions) BOOST_TEST(version(known) == 200);
    BOOST_TEST(version("1999-01-01") == 400);
    BOOST_TEST(version("") == 400);
    BOOST_TEST(status(mcp::check_legacy_version(request("POST", "X", "y"))) == 200);
}

BOOST_AUTO_TEST_CASE(a_fault_becomes_a_json_rpc_error) {
    const mcp::RequestFault fault{400, -32022, "m", R"({"supported":[]})"};
    BOOST_TEST(
        fault.body("1e0") ==
        R"({"jsonrpc":"2.0","id":1e0,"error":{"code":-32022,"message":"m","data":{"supported":[]}}})");
}

BOOST_AUTO_TEST_SUITE_END()
