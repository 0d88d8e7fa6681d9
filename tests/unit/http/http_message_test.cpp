#include "core/net/http_message.h"

#include <boost/test/unit_test.hpp>

using namespace postern::net;

BOOST_AUTO_TEST_SUITE(http_message)

BOOST_AUTO_TEST_CASE(names_compare_without_case) {
    HttpHeaders headers;
    headers.add("Mcp-Name", "one");
    headers.add("mcp-name", "two");
    headers.add("Other", "x");
    BOOST_TEST(*headers.find("MCP-NAME") == "one");
    BOOST_TEST(headers.count("mcp-Name") == 2u);
    headers.remove("MCP-name");
    BOOST_TEST(headers.all().size() == 1u);
    BOOST_TEST(!headers.find("mcp-name"));
}

BOOST_AUTO_TEST_CASE(hop_by_hop_fields_are_the_fixed_ones_and_those_named) {
    for (const auto* name : {"connection", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade",
                             "Proxy-Authorization", "Trailer"}) {
        BOOST_TEST(is_hop_by_hop(name, ""), name);
    }
    BOOST_TEST(is_hop_by_hop("X-Once", "close, x-once"));
    BOOST_TEST(!is_hop_by_hop("X-Once", "x-once-more"));
    BOOST_TEST(!is_hop_by_hop("Authorization", ""));
}

BOOST_AUTO_TEST_SUITE_END()
