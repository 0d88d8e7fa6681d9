#include "core/cli/pkcs12_file.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/cli/fixture.h"

using namespace postern;
using namespace postern::cli;
using namespace postern::cli::test;

BOOST_AUTO_TEST_SUITE(pkcs12_file)

BOOST_AUTO_TEST_CASE(key_and_chain_come_back_leaf_first) {
    const auto ca = authority();
    const auto made = leaf(ca, leaf_spec());
    const gnutls_x509_crt_t chain[] = {made.certificate.get(), ca.certificate.get()};
    // Without a password, so that parsing needs no file for it.
    const auto der = taken(encode_pkcs12(made.key.get(), chain, "me", Secret()));
    BOOST_TEST(is_pkcs12(der.bytes()));
    const auto file = taken(parse_pkcs12(der.bytes(), "me.p12", {"--password-file", ""}));
    BOOST_REQUIRE(file.certificates.size() == 2u);
    BOOST_TEST(gnutls_x509_crt_equals(file.certificates[0].get(), chain[0]) != 0u);
    BOOST_TEST(gnutls_x509_crt_equals(file.certificates[1].get(), chain[1]) != 0u);
    BOOST_REQUIRE(file.key != nullptr);
    BOOST_TEST(
        (taken(public_key_digest(file.key.get())) == taken(public_key_digest(made.key.get()))));
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_refused) {
    const auto ca = authority();
    const gnutls_x509_crt_t chain[] = {ca.certificate.get()};
    const auto der = taken(encode_pkcs12(ca.key.get(), chain, "ca", Secret()));
    Bytes damaged(der.bytes().begin(), der.bytes().end());
    damaged[damaged.size() / 2] ^= 1;
    // There may be a terminal, so the password file is named and missing.
    BOOST_TEST(!parse_pkcs12(damaged, "ca.p12", {"--password-file", "missing"}));
}

BOOST_AUTO_TEST_CASE(certificates_are_not_taken_for_pkcs12) {
    BOOST_TEST(!is_pkcs12(as_bytes("neither")));
    BOOST_TEST(!is_pkcs12({}));
}

BOOST_AUTO_TEST_SUITE_END()
