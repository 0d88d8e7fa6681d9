#include "core/net/address_policy.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using namespace postern::net;

namespace {

Endpoint address(std::string_view text) {
    const auto network = parse_network(text);
    BOOST_REQUIRE_MESSAGE(network.ok(), text);
    return network->address;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address_policy)

BOOST_AUTO_TEST_CASE(only_public_addresses_are_public) {
    for (const auto* text : {"0.0.0.0",
                             "0.1.2.3",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.0.1",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.0.2.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.1.1.1",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::127.0.0.1",
                             "fe80::1",
                             "febf::1",
                             "fec0::1",
                             "fc00::1",
                             "fdff::1",
                             "ff02::1",
                             "2001:db8::1",
                             "2001::1",
                             "2001:10::1",
                             "3fff::1",
                             "100::1",
                             "::ffff:10.0.0.1",
                             "::ffff:127.0.0.1",
                             "64:ff9b::169.254.169.254",
                             "64:ff9b::10.0.0.1",
                             "64:ff9b:1::1",
                             "2002:7f00:1::1",
                             "2002:a00:1::1",
                             "2002:c0a8:101::"}) {
        BOOST_TEST(special_use(address(text)).has_value(), text);
    }
    for (const auto* text :
         {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.0.1",
          "172.32.0.1", "192.0.1.1", "223.255.255.255", "8.8.8.8", "2001:4860:4860::8888",
          "2a00::1", "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"}) {
        BOOST_TEST(!special_use(address(text)).has_value(), text);
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_entry_that_would_allow_it) {
    const AddressPolicy none({});
    BOOST_TEST(none.refusal(address("10.1.2.3")).value() ==
               "the address 10.1.2.3 is private; to allow it, add \"10.1.2.3/32\" to "
               "allowed_addresses");
    BOOST_TEST(!none.refusal(address("8.8.8.8")).has_value());
    const AddressPolicy some({*parse_network("10.1.0.0/16"), *parse_network("fd00::/9")});
    BOOST_TEST(!some.refusal(address("10.1.2.3")).has_value());
    BOOST_TEST(some.refusal(address("10.2.0.1")).has_value());
    BOOST_TEST(!some.refusal(address("fd7f::1")).has_value());
    BOOST_TEST(some.refusal(address("fd80::1")).has_value());
}

BOOST_AUTO_TEST_CASE(networks_are_read_strictly) {
    for (const auto* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129", "a",
                             "1.1.1.1/-1", "1.1.1.1/8x", "1.1.1.1/8/8"}) {
        BOOST_TEST(!parse_network(text).ok(), text);
    }
    BOOST_TEST(parse_network("10.0.0.0/0")->prefix == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
