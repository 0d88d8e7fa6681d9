#include "core/upstream/stdio/event_buffer.h"

#include <vector>

#include <boost/test/unit_test.hpp>

using postern::upstream::read_event_id;
using postern::upstream::StdioEventBuffer;

BOOST_AUTO_TEST_SUITE(stdio_event_buffer)

BOOST_AUTO_TEST_CASE(events_of_one_stream_come_back_in_order) {
    StdioEventBuffer buffer;
    buffer.add(1, 1, "a");
    buffer.add(2, 1, "b");
    buffer.add(1, 2, "c");
    std::vector<std::string> seen;
    buffer.each_after(1, 0, [&](const auto& event) { seen.push_back(event.text); });
    BOOST_TEST(seen == (std::vector<std::string>{"a", "c"}));
    BOOST_TEST(buffer.has_after(1, 1));
    BOOST_TEST(!buffer.has_after(1, 2));
    buffer.remove(1, 2);
    BOOST_TEST(!buffer.holds(1, 2));
    BOOST_TEST(buffer.bytes() == 2u);
}

BOOST_AUTO_TEST_CASE(the_oldest_go_when_it_is_full) {
    StdioEventBuffer buffer;
    for (std::uint64_t i = 1; i <= StdioEventBuffer::kMaxEvents + 1; ++i) buffer.add(1, i, "x");
    BOOST_TEST(buffer.size() == StdioEventBuffer::kMaxEvents);
    BOOST_TEST(!buffer.holds(1, 1));
    buffer.add(1, 1000, std::string(StdioEventBuffer::kMaxBytes, 'x'));
    BOOST_TEST(buffer.size() == 1u);
    buffer.add(1, 1001, std::string(StdioEventBuffer::kMaxBytes + 1, 'x'));
    BOOST_TEST(!buffer.holds(1, 1001));
    BOOST_TEST(buffer.bytes() == StdioEventBuffer::kMaxBytes);
}

BOOST_AUTO_TEST_CASE(event_ids_are_two_numbers) {
    BOOST_TEST((read_event_id("3-17") == std::pair<std::uint64_t, std::uint64_t>(3, 17)));
    for (const char* bad :
         {"", "-", "3", "3-", "-3", "3-x", "3-1 ", "+3-1", "0x1-1", "18446744073709551616-0"}) {
        BOOST_TEST(!read_event_id(bad).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
