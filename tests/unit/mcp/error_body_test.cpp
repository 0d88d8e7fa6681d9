#include "core/mcp/error_body.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

BOOST_AUTO_TEST_SUITE(error_body)

BOOST_AUTO_TEST_CASE(any_bytes_make_valid_json) {
    const auto text = postern::mcp::json_rpc_error("\"a\"", 300, "no \"\x01\xff");
    const auto json = nlohmann::json::parse(text);
    BOOST_TEST(json.at("id") == "a");
    BOOST_TEST(json.at("error").at("code") == 300);
    BOOST_TEST(nlohmann::json::parse(postern::mcp::json_rpc_error("", 1, "")).at("id").is_null());
}

BOOST_AUTO_TEST_SUITE_END()
