#include "plugins/pinning/pin_set.h"

#include <boost/test/unit_test.hpp>

#include "core/base/bytes.h"

using namespace postern;
using pinning::PinSet;

namespace {

sdk::Sha256 digest(std::uint8_t first) {
    return {first};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pin_set)

BOOST_AUTO_TEST_CASE(what_was_added_twice_is_held_once) {
    PinSet pins;
    for (const std::uint8_t first : Bytes{3, 1, 3, 2}) pins.add_key(digest(first));
    pins.seal();
    BOOST_CHECK_EQUAL(pins.keys().size(), 3u);
    BOOST_CHECK(pins.holds_key(digest(2)));
    BOOST_CHECK(!pins.holds_key(digest(4)));
    BOOST_CHECK(!pins.holds_certificate(digest(2)));
}

BOOST_AUTO_TEST_CASE(order_makes_no_other_set) {
    PinSet one;
    PinSet other;
    one.add_key(digest(1));
    one.add_key(digest(2));
    other.add_key(digest(2));
    other.add_key(digest(1));
    one.seal();
    other.seal();
    BOOST_CHECK(one == other);
    other.add(one);
    other.seal();
    BOOST_CHECK(one == other);
}

BOOST_AUTO_TEST_CASE(a_digest_of_another_length_is_an_error_not_a_match) {
    PinSet pins;
    pins.add_key(digest(0));
    pins.seal();
    BOOST_CHECK_THROW(static_cast<void>(pins.holds_key(sdk::Bytes())), sdk::Error);
}

BOOST_AUTO_TEST_SUITE_END()
