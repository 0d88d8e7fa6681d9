#include "core/tls/ja4.h"

#include <boost/test/unit_test.hpp>

using namespace postern::tls;

namespace {

// The example in FoxIO's technical details of JA4.
ClientHello chrome() {
    ClientHello hello;
    hello.versions = {0x2a2a, 0x0304, 0x0303};
    hello.sni = "example.com";
    hello.alpn = {"h2", "http/1.1"};
    hello.ciphers = {0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                     0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    hello.extensions = {0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                        0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xfafa};
    hello.signature_algorithms = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
    return hello;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ja4)

BOOST_AUTO_TEST_CASE(the_specifications_example_comes_out) {
    BOOST_TEST(ja4_of(chrome()) == "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

BOOST_AUTO_TEST_CASE(order_of_ciphers_and_extensions_does_not_matter_that_of_signatures_does) {
    ClientHello hello = chrome();
    std::swap(hello.ciphers[2], hello.ciphers[9]);
    std::swap(hello.extensions[1], hello.extensions[8]);
    BOOST_TEST(ja4_of(hello) == ja4_of(chrome()));
    std::swap(hello.signature_algorithms[0], hello.signature_algorithms[1]);
    BOOST_TEST(ja4_of(hello) != ja4_of(chrome()));
}

BOOST_AUTO_TEST_CASE(grease_is_known_by_its_two_equal_octets) {
    BOOST_TEST(is_grease(0x0a0a));
    BOOST_TEST(is_grease(0xfafa));
    BOOST_TEST(!is_grease(0x0a1a));
    BOOST_TEST(!is_grease(0x1301));
}

BOOST_AUTO_TEST_CASE(what_is_absent_has_its_own_sign) {
    ClientHello hello;
    hello.versions = {0x0303};
    BOOST_TEST(ja4_of(hello) == "t12i000000_000000000000_000000000000");
    hello.alpn = {"\xab\x01\xcd"};
    BOOST_TEST(ja4_of(hello).substr(0, 10) == "t12i0000ad");
    hello.alpn = {"x"};
    BOOST_TEST(ja4_of(hello).substr(0, 10) == "t12i0000xx");
    hello.versions = {0x7f1c};
    BOOST_TEST(ja4_of(hello).substr(0, 3) == "t00");
}

BOOST_AUTO_TEST_SUITE_END()
