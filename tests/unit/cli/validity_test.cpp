#include "core/cli/validity.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/cli/fixture.h"

using namespace postern;
using namespace postern::cli;
using namespace postern::cli::test;

BOOST_AUTO_TEST_SUITE(validity)

BOOST_AUTO_TEST_CASE(default_begins_five_minutes_ago) {
    const auto made = taken(resolve_validity({}, kNow, 30 * kDay, std::nullopt));
    BOOST_TEST(made.not_before == kNow - 300);
    BOOST_TEST(made.not_after == kNow + 30 * kDay);
}

BOOST_AUTO_TEST_CASE(default_ends_with_the_authority) {
    const auto made = taken(resolve_validity({}, kNow, 30 * kDay, kNow + kDay));
    BOOST_TEST(made.not_after == kNow + kDay);
}

BOOST_AUTO_TEST_CASE(outliving_the_authority_on_purpose_is_refused) {
    BOOST_TEST(!resolve_validity({"2", "", "", ""}, kNow, kDay, kNow + kDay));
    BOOST_TEST(!resolve_validity({"", "48h", "", ""}, kNow, kDay, kNow + kDay));
    BOOST_TEST(!resolve_validity({"", "", "", "2100-01-01T00:00:00Z"}, kNow, kDay, kNow + kDay));
}

BOOST_AUTO_TEST_CASE(the_past_can_be_asked_for) {
    const auto made = taken(resolve_validity(
        {"", "", "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"}, kNow, kDay, std::nullopt));
    BOOST_TEST(made.not_after - made.not_before == kDay);
    BOOST_TEST(!resolve_validity({"", "", "", "2020-01-01T00:00:00Z"}, kNow, kDay, std::nullopt));
}

BOOST_AUTO_TEST_CASE(two_ways_to_say_the_end_are_refused) {
    BOOST_TEST(!resolve_validity({"1", "1d", "", ""}, kNow, kDay, std::nullopt));
    BOOST_TEST(!resolve_validity({"1", "", "", "2030-01-01T00:00:00Z"}, kNow, kDay, std::nullopt));
}

BOOST_AUTO_TEST_CASE(times_are_rfc_3339) {
    BOOST_TEST(taken(parse_time("--date", "1970-01-01T00:00:00Z")) == 0);
    BOOST_TEST(taken(parse_time("--date", "2026-11-23T12:00:00+02:00")) ==
               taken(parse_time("--date", "2026-11-23T10:00:00Z")));
    for (const char* text :
         {"", "now", "2026-11-23", "2026-11-23 10:00:00Z", "2026-11-23T10:00:00",
          "2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z", "2026-11-23T24:00:00Z",
          "2026-11-23T10:00:00+2:00", "2026-11-23T10:00:00Zx", "0000-01-01T00:00:00Z"})
        BOOST_TEST(!parse_time("--date", text), text);
}

BOOST_AUTO_TEST_CASE(days_and_lifetimes_need_sense) {
    for (const char* days : {"0", "-1", "x", "1.5", "100001", "99999999999999"})
        BOOST_TEST(!resolve_validity({days, "", "", ""}, kNow, kDay, std::nullopt), days);
    for (const char* lifetime : {"90", "0s", "10ms", "d"})
        BOOST_TEST(!parse_lifetime("--validity", lifetime), lifetime);
    BOOST_TEST(taken(parse_lifetime("--validity", "90d")) == 90 * kDay);
}

BOOST_AUTO_TEST_SUITE_END()
