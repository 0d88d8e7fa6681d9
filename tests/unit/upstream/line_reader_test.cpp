#include "core/upstream/child/line_reader.h"

#include <cstring>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using postern::upstream::LineReader;

namespace {

// Feeds `text` by `step` bytes and takes the lines as they come.
std::vector<std::string> lines_of(LineReader& reader, std::string_view text, std::size_t step) {
    std::vector<std::string> lines;
    while (!text.empty() && !reader.too_long()) {
        const auto space = reader.space();
        const std::size_t count = std::min({step, text.size(), space.size()});
        std::memcpy(space.data(), text.data(), count);
        reader.filled(count);
        text.remove_prefix(count);
        while (const auto line = reader.next()) lines.emplace_back(*line);
    }
    return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_reader)

BOOST_AUTO_TEST_CASE(lines_are_the_same_however_they_are_cut) {
    const std::vector<std::string> expected{"one", "two\rmore", "three"};
    for (const std::size_t step : {1u, 2u, 3u, 100u}) {
        LineReader reader(16);
        BOOST_TEST(lines_of(reader, "one\n\n\r\ntwo\rmore\r\nthree\nfour", step) == expected,
                   boost::test_tools::per_element());
        BOOST_TEST(reader.rest().value() == "four");
        BOOST_TEST(!reader.rest().has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_line_of_the_limit_passes_and_one_byte_more_does_not) {
    for (const char* end : {"\n", "\r\n"}) {
        LineReader reader(5);
        BOOST_TEST(lines_of(reader, std::string("12345") + end, 100).size() == 1u);
        BOOST_TEST(!reader.too_long());
        BOOST_TEST(lines_of(reader, std::string("123456") + end + "7\n", 100).empty());
        BOOST_TEST(reader.too_long());
        BOOST_TEST(!reader.next().has_value());
        BOOST_TEST(reader.space().empty());
    }
}

BOOST_AUTO_TEST_CASE(a_line_without_an_end_is_bounded) {
    LineReader reader(100'000);
    lines_of(reader, std::string(1'000'000, 'x'), 4096);
    BOOST_TEST(reader.too_long());
    BOOST_TEST(reader.memory() <= 262'144u);
}

BOOST_AUTO_TEST_CASE(the_rest_is_held_to_the_limit) {
    LineReader reader(3);
    lines_of(reader, "1234", 100);
    BOOST_TEST(!reader.rest().has_value());
}

BOOST_AUTO_TEST_CASE(memory_of_a_big_line_is_given_back) {
    LineReader reader(4 << 20);
    const std::string big(3 << 20, 'x');
    BOOST_TEST(lines_of(reader, big + "\nsmall\n", 65536).size() == 2u);
    BOOST_TEST(reader.memory() > big.size());
    BOOST_TEST(reader.space().size() >= 4096u);
    BOOST_TEST(reader.memory() == 16384u);
}

BOOST_AUTO_TEST_CASE(the_memory_of_a_big_line_goes_back_before_more_comes) {
    LineReader reader(1 << 20);
    const std::string text = std::string(500'000, 'x') + "\nnext";
    for (std::size_t at = 0; at < text.size();) {
        const auto space = reader.space();
        const std::size_t count = std::min(space.size(), text.size() - at);
        std::copy_n(text.data() + at, count, space.data());
        reader.filled(count);
        at += count;
        if (at < text.size()) BOOST_TEST(!reader.next());
    }
    BOOST_TEST(reader.next().value().size() == 500'000u);
    reader.give_memory_back();
    BOOST_TEST(reader.memory() < 20'000u);
    BOOST_TEST(!reader.next());
    BOOST_TEST(reader.rest().value() == "next");
}

BOOST_AUTO_TEST_SUITE_END()
