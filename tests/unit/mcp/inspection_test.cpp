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

BOOST_AUTO_TEST_CASE(no_charset_and_utf_8_as_the_last_parameter_read_as_utf_8) {
    for (const auto* type :
         {"", "text/plain", "application/json", "application/json; x=y",
          "application/json; charset=utf-8", "application/json;charset=utf-8",
          "application/json; charset=\"utf-8\"", "application/json; CHARSET=UTF-8",
          "application/json; x=y; charset=utf-8"}) {
        BOOST_TEST(mcp::reads_as_utf8(type), type);
    }
}

BOOST_AUTO_TEST_CASE(what_a_server_might_decode_otherwise_does_not_read_as_utf_8) {
    for (const auto* type :
         {"application/json; charset=utf-7", "application/json; charset=\"utf-7\"",
          "application/json; charset=utf-16", "application/json; charset=UTF-32BE",
          "application/json; charset=iso-8859-1",
          "application/json; charset=", "application/json; charset",
          "application/json; charset = utf-8", "application/json; charset=utf-8; charset=utf-7",
          "application/json; charset=utf-7; charset=utf-8", "application/json; charset=utf-8;x=y",
          "application/json; charset=\"utf-8", "application/json; charset=utf-8x",
          "application/json; charset*=utf-8", "application/json; charset=utf-8, text/plain",
          "text/plain; charset=utf-7"}) {
        BOOST_TEST(!mcp::reads_as_utf8(type), type);
        BOOST_TEST(!mcp::is_json_content_type(type), type);
    }
}

BOOST_AUTO_TEST_CASE(compressed_json_is_refused_even_if_it_reads_as_json) {
    for (const auto* encoding : {"gzip", "deflate", "br", "identity, gzip", "x"}) {
        net::HttpRequest request;
        request.method = "POST";
        request.headers.add("Content-Type", "application/json");
        request.headers.add("Content-Encoding", "identity");
        request.body = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
        BOOST_TEST(mcp::inspect(request).ok());
        request.headers.add("content-encoding", encoding);
        BOOST_TEST(!mcp::inspect(request).ok(), encoding);
    }
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
