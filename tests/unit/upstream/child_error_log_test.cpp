#include "core/upstream/child/error_log.h"

#include <boost/test/unit_test.hpp>

using postern::upstream::ChildErrorLog;

BOOST_AUTO_TEST_SUITE(child_error_log)

BOOST_AUTO_TEST_CASE(what_is_above_the_bound_is_counted_and_the_next_second_is_free_again) {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    ChildErrorLog log("route", "7");
    std::string lines;
    for (std::uint64_t i = 0; i < ChildErrorLog::kLinesPerSecond + 10; ++i) lines += "line\n";
    log.read(lines, 5 * kSecond);
    BOOST_TEST(log.dropped() == 10u);
    log.read(lines, 5 * kSecond + 1);
    BOOST_TEST(log.dropped() == 10u + ChildErrorLog::kLinesPerSecond + 10);
    log.read("again\n", 6 * kSecond);
    BOOST_TEST(log.dropped() == 0u);
    log.end();
}

BOOST_AUTO_TEST_CASE(a_line_without_an_end_takes_no_memory) {
    ChildErrorLog log("route", "7");
    for (int i = 0; i < 10'000; ++i) log.read(std::string(16384, 'x'), 1);
    log.end();
    BOOST_TEST(log.dropped() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
