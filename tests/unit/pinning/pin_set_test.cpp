#include "plugins/pinning/pin_set.h"

#include <boost/test/unit_test.hpp>

#include "core/base/bytes.h"

using namespace postern;
using pinning::Pin;
using pinning::PinSet;
using pinning::Standing;
using pinning::Subject;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

Pin pin(std::uint8_t first, std::int64_t expires = pinning::kNever, std::string name = "") {
    Pin out;
    out.digest.assign(32, 0);
    out.digest[0] = first;
    out.expires = expires;
    out.name = std::move(name);
    return out;
}

PinSet set_of(std::initializer_list<Pin> pins) {
    PinSet out;
    for (const Pin& each : pins) out.add(each);
    out.seal();
    return out;
}

Standing standing(const PinSet& pins, std::uint8_t first, std::string_view name = "",
                  Subject subject = Subject::key) {
    return pins.standing(subject, POSTERN_DIGEST_SHA256, sdk::Bytes(pin(first).digest), name, kNow);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pin_set)

BOOST_AUTO_TEST_CASE(what_was_added_twice_is_held_once_and_as_long_as_any) {
    const PinSet pins = set_of({pin(3), pin(1, kNow), pin(3, kNow), pin(2), pin(1, kNow + 1)});
    BOOST_CHECK_EQUAL(pins.size(), 3u);
    for (const std::uint8_t each : Bytes{1, 2, 3}) {
        BOOST_CHECK(standing(pins, each) == Standing::held);
    }
    BOOST_CHECK(standing(pins, 4) == Standing::absent);
    BOOST_CHECK(standing(pins, 2, "", Subject::certificate) == Standing::absent);
}

BOOST_AUTO_TEST_CASE(a_pin_is_held_until_its_second_and_no_longer) {
    const PinSet pins = set_of({pin(1, kNow), pin(2, kNow + 1)});
    BOOST_CHECK(standing(pins, 1) == Standing::expired);
    BOOST_CHECK(standing(pins, 2) == Standing::held);
    BOOST_CHECK_EQUAL(pins.expired(kNow), 1u);
    BOOST_CHECK_EQUAL(pins.expired(kNow + 1), 2u);
}

BOOST_AUTO_TEST_CASE(a_pin_with_a_name_is_for_that_name_alone) {
    const PinSet pins = set_of({pin(1, pinning::kNever, "alice"), pin(2)});
    BOOST_CHECK(standing(pins, 1, "alice") == Standing::held);
    BOOST_CHECK(standing(pins, 1, "bob") == Standing::absent);
    BOOST_CHECK(standing(pins, 1) == Standing::absent);
    BOOST_CHECK(standing(pins, 2, "bob") == Standing::held);
    BOOST_CHECK(pins.knows("alice"));
    BOOST_CHECK(!pins.knows("bob"));
    BOOST_CHECK(!pins.knows(""));
}

BOOST_AUTO_TEST_CASE(order_makes_no_other_set_and_an_expiry_does) {
    BOOST_CHECK(set_of({pin(1), pin(2)}) == set_of({pin(2), pin(1), pin(2)}));
    BOOST_CHECK(!(set_of({pin(1)}) == set_of({pin(1, kNow)})));
    BOOST_CHECK(!(set_of({pin(1)}) == set_of({pin(1, pinning::kNever, "a")})));
}

BOOST_AUTO_TEST_CASE(a_digest_of_another_length_is_an_error_not_a_match) {
    const PinSet pins = set_of({pin(0)});
    BOOST_CHECK_THROW(static_cast<void>(pins.standing(Subject::key, POSTERN_DIGEST_SHA256,
                                                      sdk::Bytes(), "", kNow)),
                      sdk::Error);
}

BOOST_AUTO_TEST_SUITE_END()
