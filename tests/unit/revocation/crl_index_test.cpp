#include "plugins/revocation/crl_index.h"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

#include "tests/unit/revocation/crl_writer.h"

namespace postern::revocation {
namespace {

using test::Der;

void add(CrlIndex& index, const Der& serial, std::int64_t revoked_at = 1, std::uint8_t reason = 0) {
    index.add({Bytes(serial), revoked_at, reason, 40});
}

BOOST_AUTO_TEST_SUITE(crl_index)

BOOST_AUTO_TEST_CASE(an_empty_index_finds_nothing) {
    CrlIndex index;
    index.seal();
    BOOST_TEST(!index.find(Bytes(Der{1})));
    BOOST_TEST(!index.find(Bytes()));
}

BOOST_AUTO_TEST_CASE(serials_that_differ_in_their_octets_only_are_different) {
    CrlIndex index;
    add(index, {0x8f});
    add(index, {0x00, 0x90});
    index.seal();
    BOOST_TEST(index.find(Bytes(Der{0x8f})).has_value());
    BOOST_TEST(!index.find(Bytes(Der{0x00, 0x8f})));
    BOOST_TEST(index.find(Bytes(Der{0x00, 0x90})).has_value());
    BOOST_TEST(!index.find(Bytes(Der{0x90})));
    BOOST_TEST(!index.find(Bytes(Der{0x00})));
    BOOST_TEST(!index.find(Bytes(Der(40, 0x11))));
}

BOOST_AUTO_TEST_CASE(time_and_reason_come_back) {
    CrlIndex index;
    add(index, {1}, 253'402'300'799, 10);
    add(index, {2}, -631'152'000, 6);
    add(index, {3}, 0, 1);
    add(index, {4}, -5'000'000'000, 1);
    index.seal();
    BOOST_TEST(index.find(Bytes(Der{1}))->revoked_at == 253'402'300'799);
    BOOST_TEST(index.find(Bytes(Der{1}))->reason == 10);
    BOOST_TEST(index.find(Bytes(Der{2}))->revoked_at == -631'152'000);
    BOOST_TEST(index.find(Bytes(Der{3}))->revoked_at == 0);
    // Before 1950, which UTCTime cannot say.
    BOOST_TEST(index.find(Bytes(Der{4}))->revoked_at == -631'152'000);
}

BOOST_AUTO_TEST_CASE(a_repeated_serial_is_found) {
    CrlIndex index;
    add(index, {7}, 20, 4);
    add(index, {7}, 10, 1);
    index.seal();
    BOOST_TEST(index.find(Bytes(Der{7}))->reason == 1);
}

BOOST_AUTO_TEST_CASE(few_serials_from_end_to_end_of_the_range_are_found) {
    for (const std::size_t width : {8u, 16u, 20u, 32u}) {
        CrlIndex index;
        add(index, Der(width, 0x01));
        add(index, Der(width, 0xfe));
        index.seal();
        BOOST_TEST(index.find(Bytes(Der(width, 0x01))).has_value());
        BOOST_TEST(index.find(Bytes(Der(width, 0xfe))).has_value());
        BOOST_TEST(!index.find(Bytes(Der(width, 0x70))));
        BOOST_TEST(!index.find(Bytes(Der(width, 0xff))));
        BOOST_TEST(!index.find(Bytes(Der{0})));
    }
}

BOOST_AUTO_TEST_CASE(it_agrees_with_a_map_for_all_lengths) {
    std::mt19937 random(11);
    std::map<Der, std::int64_t> model;
    CrlIndex index(100'000);
    while (model.size() < 20'000) {
        Der serial(1 + random() % 32);
        // Few values, so that prefixes and neighbours abound.
        for (std::uint8_t& octet : serial) octet = static_cast<std::uint8_t>(random() % 3 * 0x7f);
        if (serial.size() > 1 && serial[0] == 0 && serial[1] < 0x80) serial[0] = 1;
        const auto at = static_cast<std::int64_t>(random() % 1'000'000);
        if (!model.emplace(serial, at).second) continue;
        add(index, serial, at);
    }
    index.seal();
    BOOST_TEST(index.size() == model.size());
    for (const auto& [serial, at] : model) {
        BOOST_TEST_REQUIRE(index.find(Bytes(serial)).has_value());
        BOOST_TEST_REQUIRE(index.find(Bytes(serial))->revoked_at == at);
        Der other = serial;
        other.back() ^= 1;
        BOOST_TEST_REQUIRE(index.find(Bytes(other)).has_value() == (model.count(other) != 0));
    }
}

BOOST_AUTO_TEST_CASE(a_million_serials_of_16_octets_take_under_32_megabytes) {
    std::mt19937_64 random(5);
    CrlIndex index(49'000'000);
    Der serial(16);
    for (int i = 0; i < 1'000'000; ++i) {
        for (std::uint8_t& octet : serial) octet = static_cast<std::uint8_t>(random() >> 56);
        serial[0] &= 0x7fu;
        add(index, serial, 1'700'000'000, 1);
    }
    index.seal();
    BOOST_TEST(index.find(Bytes(serial)).has_value());
    BOOST_TEST(index.memory() < 32'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::revocation
