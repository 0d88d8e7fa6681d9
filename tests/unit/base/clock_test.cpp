#include "core/base/clock.h"

#include <ctime>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(clock_)

BOOST_AUTO_TEST_CASE(monotonic_time_never_goes_back) {
    const postern::Clock& clock = postern::system_clock();
    std::uint64_t last = clock.monotonic_ns();
    BOOST_TEST(last > 0u);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t now = clock.monotonic_ns();
        BOOST_REQUIRE(now >= last);
        last = now;
    }
}

BOOST_AUTO_TEST_CASE(wall_time_is_the_systems) {
    const std::int64_t before = std::time(nullptr);
    const std::int64_t now = postern::system_clock().wall_seconds();
    BOOST_TEST(now >= before);
    BOOST_TEST(now <= before + 60);
}

BOOST_AUTO_TEST_SUITE_END()
