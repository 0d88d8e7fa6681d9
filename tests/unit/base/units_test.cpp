#include "core/base/units.h"

#include <limits>

#include <boost/test/unit_test.hpp>

using namespace postern;

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(durations_take_every_unit) {
    BOOST_TEST(parse_duration_ns("250ms").value() == 250'000'000u);
    BOOST_TEST(parse_duration_ns("3s").value() == 3'000'000'000u);
    BOOST_TEST(parse_duration_ns("10m").value() == 600'000'000'000u);
    BOOST_TEST(parse_duration_ns("24h").value() == 86'400'000'000'000u);
    BOOST_TEST(parse_duration_ns("7d").value() == 604'800'000'000'000u);
    BOOST_TEST(parse_duration_ns("0s").value() == 0u);
}

BOOST_AUTO_TEST_CASE(sizes_take_binary_and_decimal_units) {
    BOOST_TEST(parse_size("512B").value() == 512u);
    BOOST_TEST(parse_size("32KiB").value() == 32768u);
    BOOST_TEST(parse_size("4MiB").value() == 4194304u);
    BOOST_TEST(parse_size("1GiB").value() == 1073741824u);
    BOOST_TEST(parse_size("1kB").value() == 1000u);
    BOOST_TEST(parse_size("2MB").value() == 2000000u);
}

BOOST_AUTO_TEST_CASE(what_is_a_guess_is_refused) {
    for (const char* text : {"", "3", "s", "-3s", "+3s", " 3s", "3 s", "3S", "1.5s", "3sec", "3s3m",
                             "0x3s", "99999999999999999999s", "300000000d"}) {
        BOOST_TEST(!parse_duration_ns(text).ok(), text);
    }
    for (const char* text : {"", "4", "MiB", "4mib", "4Mib", "-4B", "4 MiB", "4.0MiB", "4K",
                             "18446744073709551616B", "99999999999999GiB"}) {
        BOOST_TEST(!parse_size(text).ok(), text);
    }
    BOOST_TEST(parse_duration_ns("3").error().message ==
               "\"3\" has no unit; a duration is a whole number with ms, s, m, h or d: \"3s\"");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    for (const std::uint64_t value : std::initializer_list<std::uint64_t>{
             0, 1, 999, 1000, 1024, 1536, 1'000'000, 60'000'000'000, 90'000'000'000, most}) {
        BOOST_TEST(parse_duration_ns(format_duration(value)).value() == value);
        BOOST_TEST(parse_size(format_size(value)).value() == value);
    }
    BOOST_TEST(format_duration(90'000'000'000) == "90s");
    BOOST_TEST(format_duration(600'000'000'000) == "10m");
    BOOST_TEST(format_size(4194304) == "4MiB");
    BOOST_TEST(format_size(1000) == "1000B");
}

BOOST_AUTO_TEST_CASE(times_are_rfc_3339) {
    BOOST_TEST(format_time(0) == "1970-01-01T00:00:00Z");
    BOOST_TEST(format_time(1'795'403'045) == "2026-11-23T03:04:05Z");
    BOOST_TEST(format_time(-1) == "1969-12-31T23:59:59Z");
    BOOST_TEST(format_time(std::numeric_limits<std::int64_t>::max()) == "out of range");
}

BOOST_AUTO_TEST_SUITE_END()
