#include "plugins/ratelimit/window_shard.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <map>
#include <random>

namespace postern::ratelimit {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

const SipHash& hash() {
    static const SipHash kHash{SipHash::Key{}};
    return kHash;
}

AddressKey address(std::uint32_t number) {
    AddressKey out{};
    for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return out;
}

BOOST_AUTO_TEST_SUITE(window_shard)

BOOST_AUTO_TEST_CASE(as_many_as_the_limit_are_taken_and_no_more) {
    WindowShard shard({8, 8}, {3, kSecond}, hash());
    for (int i = 0; i < 3; ++i) BOOST_TEST((shard.take(address(1), 100).taken == Taken::Yes));
    const Decision fourth = shard.take(address(1), 100);
    BOOST_TEST((fourth.taken == Taken::Limit));
    BOOST_TEST(fourth.in_window == 3u);
    BOOST_TEST(fourth.wait_ns == kSecond);
    BOOST_TEST((shard.take(address(2), 100).taken == Taken::Yes));
}

BOOST_AUTO_TEST_CASE(a_connection_counts_until_the_very_end_of_its_window) {
    WindowShard shard({8, 8}, {2, kSecond}, hash());
    BOOST_TEST((shard.take(address(1), 0).taken == Taken::Yes));
    BOOST_TEST((shard.take(address(1), kSecond / 2).taken == Taken::Yes));
    const Decision early = shard.take(address(1), kSecond - 1);
    BOOST_TEST((early.taken == Taken::Limit));
    BOOST_TEST(early.wait_ns == 1u);
    BOOST_TEST((shard.take(address(1), kSecond).taken == Taken::Yes));
    BOOST_TEST((shard.take(address(1), kSecond).taken == Taken::Limit));
}

BOOST_AUTO_TEST_CASE(a_refused_attempt_does_not_count) {
    WindowShard shard({8, 8}, {1, kSecond}, hash());
    BOOST_TEST((shard.take(address(1), 0).taken == Taken::Yes));
    for (std::uint64_t t = 1; t < kSecond; t += kSecond / 50) {
        BOOST_TEST((shard.take(address(1), t).taken == Taken::Limit));
    }
    BOOST_TEST((shard.take(address(1), kSecond).taken == Taken::Yes));
}

BOOST_AUTO_TEST_CASE(a_time_that_runs_behind_counts_as_the_latest) {
    WindowShard shard({8, 8}, {2, kSecond}, hash());
    BOOST_TEST((shard.take(address(1), 5 * kSecond).taken == Taken::Yes));
    BOOST_TEST((shard.take(address(1), 4 * kSecond).taken == Taken::Yes));
    BOOST_TEST((shard.take(address(1), 6 * kSecond - 1).taken == Taken::Limit));
    BOOST_TEST((shard.take(address(1), 6 * kSecond).taken == Taken::Yes));
}

BOOST_AUTO_TEST_CASE(it_agrees_with_a_plain_list_of_times) {
    std::mt19937_64 random(7);
    for (const std::uint32_t limit : {1u, 2u, 5u, 11u, 12u, 37u}) {
        for (const std::uint64_t window : {std::uint64_t{5}, std::uint64_t{1000}, 3600 * kSecond}) {
            WindowShard shard({64, 512}, {limit, window}, hash());
            std::map<std::uint32_t, std::deque<std::uint64_t>> model;
            std::uint64_t now = random() % (std::uint64_t{1} << 50);
            for (int i = 0; i < 20'000; ++i) {
                const std::uint64_t shape = random() % 16;
                if (shape == 0) now += window;
                if (shape == 1) now += 3 * window;
                if (shape == 2) now += std::uint64_t{1} << 48;
                if (shape >= 8) now += random() % (window / 4 + 1);
                const auto who =
                    static_cast<std::uint32_t>(random() % (random() % 4 == 0 ? 40 : 3));
                auto& times = model[who];
                while (!times.empty() && now - times.front() >= window) times.pop_front();
                const bool allowed = times.size() < limit;
                const Decision decision = shard.take(address(who), now);
                BOOST_REQUIRE((decision.taken == (allowed ? Taken::Yes : Taken::Limit)));
                if (allowed) times.push_back(now);
                BOOST_REQUIRE(decision.in_window == times.size());
                BOOST_REQUIRE(decision.wait_ns == window - (now - times.front()));
                BOOST_REQUIRE(!decision.forgot_another);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(idle_addresses_make_room_without_a_word) {
    WindowShard shard({4, 4}, {2, kSecond}, hash());
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const Decision decision = shard.take(address(i), i * kSecond);
        BOOST_REQUIRE((decision.taken == Taken::Yes));
        BOOST_REQUIRE(!decision.forgot_another);
    }
}

BOOST_AUTO_TEST_CASE(the_least_recently_seen_address_is_forgotten_when_all_count) {
    WindowShard shard({4, 4}, {1, kSecond}, hash());
    for (std::uint32_t i = 0; i < 4; ++i) shard.take(address(i), 0);
    // Seen again, though refused.
    BOOST_TEST((shard.take(address(0), 1).taken == Taken::Limit));
    BOOST_TEST(shard.take(address(4), 2).forgot_another);
    BOOST_TEST((shard.take(address(0), 3).taken == Taken::Limit));
    BOOST_TEST((shard.take(address(2), 3).taken == Taken::Limit));
    BOOST_TEST((shard.take(address(1), 3).taken == Taken::Yes));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_remembered_is_refused) {
    WindowShard shard({4, 1}, {100, kSecond}, hash());
    const std::uint32_t room = 1 + WindowShard::kTimesPerBlock;
    for (std::uint32_t i = 0; i < room; ++i) {
        BOOST_TEST((shard.take(address(1), i).taken == Taken::Yes));
    }
    BOOST_TEST((shard.take(address(1), room).taken == Taken::NoRoom));
    BOOST_TEST((shard.take(address(2), room).taken == Taken::Yes));
    BOOST_TEST((shard.take(address(2), room).taken == Taken::NoRoom));
    // The first address is idle now, and its block is free for the other.
    BOOST_TEST((shard.take(address(2), kSecond + room - 1).taken == Taken::Yes));
}

BOOST_AUTO_TEST_CASE(blocks_are_not_lost_over_time) {
    WindowShard shard({16, 40}, {20, 1000}, hash());
    std::mt19937 random(3);
    std::uint64_t now = 0;
    for (int i = 0; i < 200'000; ++i) {
        now += random() % 30;
        shard.take(address(static_cast<std::uint32_t>(random() % 30)), now);
    }
    // Everything is idle: sixteen addresses can fill two blocks each again.
    now += 10'000;
    for (std::uint32_t who = 100; who < 116; ++who) {
        for (int i = 0; i < 20; ++i) {
            BOOST_REQUIRE((shard.take(address(who), now).taken == Taken::Yes));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::ratelimit
