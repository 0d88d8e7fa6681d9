#include "plugins/ratelimit/window_table.h"

#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

namespace postern::ratelimit {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

AddressKey address(std::uint32_t number) {
    AddressKey out{};
    for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return out;
}

std::size_t resident_bytes() {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

BOOST_AUTO_TEST_SUITE(window_table)

BOOST_AUTO_TEST_CASE(a_million_addresses_fit_into_64_megabytes) {
    const std::size_t before = resident_bytes();
    WindowTable table({50, 60 * kSecond}, SipHash::Key{1, 2, 3});
    BOOST_TEST(table.most_memory() < 64'000'000u);
    std::size_t forgotten = 0;
    for (std::uint32_t i = 0; i < 1'000'000; ++i) {
        forgotten += table.take(address(i), i).forgot_another ? 1 : 0;
    }
    BOOST_TEST(forgotten == 0u);
    for (std::uint32_t i = 0; i < 1'000'000; i += 999) {
        BOOST_REQUIRE(table.take(address(i), 1'000'000).in_window == 2u);
    }
    const std::size_t used = resident_bytes() - before;
    BOOST_TEST_MESSAGE("a million addresses: " << used << " bytes resident");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    BOOST_TEST(used < 64'000'000u);
#endif
}

BOOST_AUTO_TEST_CASE(the_highest_limit_can_be_reached) {
    WindowTable table({100'000, 60 * kSecond}, SipHash::Key{}, {16, 16}, 1);
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        BOOST_REQUIRE((table.take(address(1), i).taken == Taken::Yes));
    }
    BOOST_TEST((table.take(address(1), 100'000).taken == Taken::Limit));
}

BOOST_AUTO_TEST_CASE(loops_share_one_limit) {
    constexpr std::uint32_t kLimit = 5'000;
    WindowTable table({kLimit, 60 * kSecond}, SipHash::Key{});
    std::atomic<std::uint32_t> taken{0};
    std::vector<std::thread> loops;
    for (std::uint32_t loop = 0; loop < 4; ++loop) {
        loops.emplace_back([&, loop] {
            for (std::uint32_t i = 0; i < kLimit; ++i) {
                if (table.take(address(1), i).taken == Taken::Yes) ++taken;
                table.take(address(loop * kLimit + i), i);
            }
        });
    }
    for (std::thread& loop : loops) loop.join();
    // address(1) is also among the loops' own, once.
    BOOST_TEST(taken >= kLimit - 1);
    BOOST_TEST(taken <= kLimit);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::ratelimit
