#include "core/mcp/event_stream.h"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern::mcp;

namespace {

std::string event(std::string_view id, std::string_view data) {
    std::string stream;
    append_event(stream, id, data);
    return stream;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event_stream)

BOOST_AUTO_TEST_CASE(an_event_is_written_whole) {
    BOOST_TEST(event("", "{}") == "event: message\ndata: {}\n\n");
    BOOST_TEST(event("a-1", "{}") == "event: message\nid: a-1\ndata: {}\n\n");
}

BOOST_AUTO_TEST_CASE(line_ends_in_data_open_no_other_field) {
    BOOST_TEST(event("", "{\n\"a\":1\r\n}\rid: x") ==
               "event: message\ndata: {\ndata: \"a\":1\ndata: }\ndata: id: x\n\n");
    BOOST_TEST(event("", "a\n") == "event: message\ndata: a\ndata: \n\n");
}

BOOST_AUTO_TEST_CASE(an_id_that_would_break_the_stream_is_left_out) {
    BOOST_TEST(event("a\ndata: x", "{}") == event("", "{}"));
    BOOST_TEST(event(std::string_view("a\0b", 3), "{}") == event("", "{}"));
}

BOOST_AUTO_TEST_CASE(what_carries_no_message_is_appended) {
    std::string stream;
    append_retry(stream, std::chrono::seconds(2));
    append_priming_event(stream, "s-0");
    append_comment(stream, "");
    append_comment(stream, "kept\nopen");
    BOOST_TEST(stream == "retry: 2000\n\nid: s-0\ndata:\n\n:\n\n: kept\n: open\n\n");
}

BOOST_AUTO_TEST_SUITE_END()
