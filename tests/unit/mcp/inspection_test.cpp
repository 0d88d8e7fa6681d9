#include "core/mcp/inspection.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using mcp::Inspection;

namespace {

Inspection::Content content_of(std::string method, std::string content_type, std::string body) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.body = std::move(body);
    if (!content_type.empty()) request.headers.add("Content-Type", std::move(content_type));
    auto inspection = mcp::inspect(request);
    BOOST_REQUIRE(inspection.ok());
    return inspection->content;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inspection)

BOOST_AUTO_TEST_CASE(only_posted_json_is_looked_into) {
    const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    using Content = Inspection::Content;
    BOOST_TEST((content_of("POST", "application/json", ping) == Content::json_rpc));
    BOOST_TEST((content_of("POST", "Application/JSON ; charset=utf-8", ping) == Content::json_rpc));
    BOOST_TEST((content_of("POST", "text/plain", ping) == Content::uninspected));
    BOOST_TEST((content_of("POST", "application/jsonx", ping) == Content::uninspected));
    BOOST_TEST((content_of("POST", "", "") == Content::uninspected));
    BOOST_TEST((content_of("PUT", "application/json", ping) == Content::uninspected));
    BOOST_TEST((content_of("GET", "", "") == Content::none));
    BOOST_TEST(
        (content_of("POST", "application/json", R"({"client_name":"x"})") == Content::other_json));
}

BOOST_AUTO_TEST_CASE(the_version_header_decides_on_batches) {
    net::HttpRequest request;
    request.method = "POST";
    request.headers.add("content-type", "application/json");
    request.headers.add("mcp-protocol-version", "2025-11-25");
    request.body = R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])";
    BOOST_TEST(!mcp::inspect(request).ok());
}

BOOST_AUTO_TEST_SUITE_END()
