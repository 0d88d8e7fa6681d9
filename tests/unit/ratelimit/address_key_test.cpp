#include "plugins/ratelimit/address_key.h"

#include <boost/test/unit_test.hpp>

#include "plugins/ratelimit/sip_hash.h"

namespace postern::ratelimit {
namespace {

AddressKey address(const char* text) {
    return parse_network(text).value().address;
}

BOOST_AUTO_TEST_SUITE(addresses)

BOOST_AUTO_TEST_CASE(an_ipv4_address_and_its_mapped_form_are_one) {
    postern_endpoint ipv4{POSTERN_AF_INET, 1, 0, {192, 0, 2, 7}};
    postern_endpoint mapped{
        POSTERN_AF_INET6, 1, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}};
    BOOST_TEST((address_of(ipv4) == address_of(mapped)));
    BOOST_TEST(is_ipv4(*address_of(ipv4)));
    BOOST_TEST(!is_ipv4(address("2001:db8::1")));
}

BOOST_AUTO_TEST_CASE(a_unix_peer_has_no_address) {
    BOOST_TEST(!address_of(postern_endpoint{POSTERN_AF_UNIX, 0, 0, {}}));
    BOOST_TEST(!address_of(postern_endpoint{POSTERN_AF_NONE, 0, 0, {}}));
}

BOOST_AUTO_TEST_CASE(a_prefix_cuts_inside_an_octet) {
    BOOST_TEST((prefix_of(address("2001:db8:ffff::1"), 36) == address("2001:db8:f000::")));
    BOOST_TEST((prefix_of(address("2001:db8::1"), 128) == address("2001:db8::1")));
    BOOST_TEST((prefix_of(address("2001:db8::1"), 0) == address("::")));
}

BOOST_AUTO_TEST_CASE(a_network_contains_its_own_addresses_only) {
    const Network network = parse_network("10.1.0.0/16").value();
    BOOST_TEST(network.contains(address("10.1.255.1")));
    BOOST_TEST(!network.contains(address("10.2.0.1")));
    BOOST_TEST(!network.contains(address("2001:db8::1")));
    BOOST_TEST(parse_network("0.0.0.0/0").value().contains(address("8.8.8.8")));
    BOOST_TEST(!parse_network("0.0.0.0/0").value().contains(address("2001:db8::1")));
    BOOST_TEST(parse_network("::/0").value().contains(address("8.8.8.8")));
}

BOOST_AUTO_TEST_CASE(what_is_no_network_is_refused) {
    for (const char* text : {"", "10.0.0.0/33", "::/129", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/8x",
                             "10.0.0.0/-1", "example.org", "10.0.0/8", "2001:db8::1/32", "/8"}) {
        BOOST_TEST(!parse_network(text), text);
    }
}

// The last of those in the authors' reference implementation with sixteen octets of input.
BOOST_AUTO_TEST_CASE(the_hash_is_siphash_2_4) {
    SipHash::Key key{};
    AddressKey input{};
    for (std::uint8_t i = 0; i < 16; ++i) key[i] = input[i] = i;
    BOOST_TEST(SipHash(key)(input) == 0x3f2acc7f57c29bdbu);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::ratelimit
