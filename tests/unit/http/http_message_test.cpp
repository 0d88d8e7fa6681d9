#include "core/net/http_message.h"

#include <string>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "core/net/http_text.h"

using namespace postern::net;

BOOST_AUTO_TEST_SUITE(http_message)

BOOST_AUTO_TEST_CASE(names_compare_without_case) {
    HttpHeaders headers;
    headers.add("Mcp-Name", "one");
    headers.add("mcp-name", "two");
    headers.add("Other", "x");
    BOOST_TEST(*headers.find("MCP-NAME") == "one");
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

BOOST_AUTO_TEST_CASE(fields_survive_that_their_headers_move) {
    HttpHeaders headers;
    headers.add("A", "1");
    headers.add("B", "");
    const HttpHeaders moved = std::move(headers);
    BOOST_TEST(*moved.find("a") == "1");
    BOOST_TEST(*moved.find("b") == "");
}

BOOST_AUTO_TEST_CASE(every_byte_is_told_wherever_it_stands) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto c = static_cast<char>(byte);
        const bool allowed = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x');
            text[at] = c;
            BOOST_REQUIRE_MESSAGE(count_line_bytes(text) == (allowed ? text.size() : at),
                                  "byte " << byte << " at " << at);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
