#include "core/tls/chain.h"

#include <algorithm>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/tls/certificate_extensions.h"
#include "core/tls/digest.h"
#include "postern/service/crypto.h"
#include "postern/service/x509.h"
#include "tests/unit/tls/test_pki.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

BOOST_AUTO_TEST_SUITE(chain)

BOOST_AUTO_TEST_CASE(every_field_of_a_certificate_is_read) {
    const Issued authority = issue_authority("the authority");
    Wanted wanted;
    wanted.common_name = "the client";
    wanted.dns = {"a.example", "*.b.example"};
    wanted.uri = {"spiffe://example/client"};
    wanted.email = {"me@example.org"};
    wanted.issuer = &authority;
    wanted.extensions = {{"1.2.3.4.5", {0x05, 0x00}, true}};
    const Issued issued = issue(wanted);
    const auto parsed = parse_certificate(issued.der);
    BOOST_REQUIRE(parsed.ok());
    const Certificate& certificate = parsed.value();

    BOOST_TEST((certificate.der == issued.der));
    BOOST_TEST(certificate.subject_text == "CN=the client");
    BOOST_TEST(certificate.issuer_text == "CN=the authority");
    BOOST_TEST((certificate.common_names == std::vector<std::string>{"the client"}));
    BOOST_TEST((certificate.san_dns == wanted.dns));
    BOOST_TEST((certificate.san_uri == wanted.uri));
    BOOST_TEST((certificate.san_email == wanted.email));
    BOOST_TEST((certificate.extended_key_usage ==
                std::vector<std::string>{"1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"}));
    BOOST_TEST(certificate.version == 3);
    BOOST_TEST(certificate.serial.size() == 2U);
    BOOST_TEST(certificate.not_before == wanted.not_before);
    BOOST_TEST(certificate.not_after == wanted.not_after);
    BOOST_TEST(certificate.key_type == POSTERN_KEY_EC);
    BOOST_TEST(certificate.key_bits == 256);
    BOOST_TEST(certificate.curve_oid == "1.2.840.10045.3.1.7");
    BOOST_TEST(certificate.signature_oid == "1.2.840.10045.4.3.2");
    BOOST_TEST(certificate.signature_hash == POSTERN_DIGEST_SHA256);
    BOOST_TEST(certificate.key_usage == POSTERN_KEY_USAGE_DIGITAL_SIGNATURE);
    BOOST_TEST(certificate.is_ca == 0);
    BOOST_TEST(certificate.path_length == -1);
    const auto own = std::find_if(certificate.extensions.begin(), certificate.extensions.end(),
                                  [](const Extension& e) { return e.oid == "1.2.3.4.5"; });
    BOOST_REQUIRE((own != certificate.extensions.end()));
    BOOST_TEST(own->critical);
    BOOST_TEST((own->value == Bytes{0x05, 0x00}));
    BOOST_TEST((certificate.sha256 == sha256(issued.der)));

    std::uint8_t id[32];
    std::size_t size = sizeof id;
    gnutls_x509_crt_get_key_id(issued.handle.get(), GNUTLS_KEYID_USE_SHA256, id, &size);
    BOOST_TEST((certificate.spki_sha256 == Digest256(std::to_array(id))));
}

BOOST_AUTO_TEST_CASE(authorities_and_their_usage_are_read) {
    Wanted wanted;
    wanted.ca = true;
    wanted.path_length = 2;
    const auto parsed = parse_certificate(issue(wanted).der);
    BOOST_REQUIRE(parsed.ok());
    BOOST_TEST(parsed.value().is_ca == 1);
    BOOST_TEST(parsed.value().path_length == 2);
    BOOST_TEST(parsed.value().key_usage ==
               (POSTERN_KEY_USAGE_CERT_SIGN | POSTERN_KEY_USAGE_CRL_SIGN));
}

BOOST_AUTO_TEST_CASE(keys_are_told_apart) {
    Wanted wanted;
    wanted.algorithm = GNUTLS_PK_EDDSA_ED25519;
    wanted.digest = GNUTLS_DIG_SHA512;
    const auto edwards = parse_certificate(issue(wanted).der);
    BOOST_REQUIRE(edwards.ok());
    BOOST_TEST(edwards.value().key_type == POSTERN_KEY_ED25519);
    BOOST_TEST(edwards.value().signature_hash == 0);
    wanted.algorithm = GNUTLS_PK_RSA;
    const auto rsa = parse_certificate(issue(wanted).der);
    BOOST_REQUIRE(rsa.ok());
    BOOST_TEST(rsa.value().key_type == POSTERN_KEY_RSA);
    BOOST_TEST(rsa.value().key_bits == 2048);
    BOOST_TEST(rsa.value().signature_hash == POSTERN_DIGEST_SHA512);
}

BOOST_AUTO_TEST_CASE(uris_for_revocation_are_read) {
    const std::string uri = "http://a/";
    const Bytes name = {0x86, 9, 'h', 't', 't', 'p', ':', '/', '/', 'a', '/'};
    Bytes points = {0x30, 17, 0x30, 15, 0xa0, 13, 0xa0, 11};
    points.insert(points.end(), name.begin(), name.end());
    Bytes access = {0x30, 23, 0x30, 21, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1};
    access.insert(access.end(), name.begin(), name.end());
    Wanted wanted;
    wanted.extensions = {{"2.5.29.31", points}, {"1.3.6.1.5.5.7.1.1", access}};
    const auto parsed = parse_certificate(issue(wanted).der);
    BOOST_REQUIRE(parsed.ok());
    BOOST_TEST((parsed.value().crl_uris == std::vector<std::string>{uri}));
    BOOST_TEST((parsed.value().ocsp_uris == std::vector<std::string>{uri}));
    BOOST_TEST(parsed.value().ca_issuers_uris.empty());
}

BOOST_AUTO_TEST_CASE(a_zero_byte_inside_a_name_stays_where_it_is) {
    Wanted wanted;
    wanted.extensions = {{"2.5.29.17", {0x30, 7, 0x82, 5, 'a', 0, 'b', '.', 'c'}}};
    const auto parsed = parse_certificate(issue(wanted).der);
    BOOST_REQUIRE(parsed.ok());
    BOOST_REQUIRE_EQUAL(parsed.value().san_dns.size(), 1U);
    BOOST_TEST(parsed.value().san_dns[0] == std::string("a\0b.c", 5));
}

BOOST_AUTO_TEST_CASE(hostile_counts_and_sizes_are_refused) {
    Wanted many;
    for (int i = 0; i < 1001; ++i) many.dns.push_back("a" + std::to_string(i));
    BOOST_TEST(!parse_certificate(issue(many).der).ok());
    many.dns.resize(1000);
    BOOST_TEST(parse_certificate(issue(many).der).ok());

    Wanted extended;
    for (int i = 0; i < 100; ++i)
        extended.extensions.push_back({"1.2.3." + std::to_string(i), {5, 0}});
    BOOST_TEST(!parse_certificate(issue(extended).der).ok());

    BOOST_TEST(!parse_certificate(Bytes(kMaxCertificate + 1, 0x30)).ok());
}

BOOST_AUTO_TEST_CASE(no_damaged_certificate_is_taken_for_a_longer_one) {
    const Issued issued = issue({});
    for (std::size_t size = 0; size < issued.der.size(); ++size)
        BOOST_REQUIRE(!parse_certificate(ByteView(issued.der).first(size)).ok());
    Bytes trailing = issued.der;
    trailing.push_back(0);
    BOOST_TEST(!parse_certificate(trailing).ok());
    for (std::size_t at = 0; at < issued.der.size(); ++at) {
        Bytes damaged = issued.der;
        damaged[at] ^= 0x81;
        (void)parse_certificate(damaged);  // whatever it says, it says it
    }
}

BOOST_AUTO_TEST_CASE(the_same_bytes_share_one_chain_while_it_lives) {
    const Issued authority = issue_authority("ca");
    Wanted wanted;
    wanted.issuer = &authority;
    const Issued leaf = issue(wanted);
    ChainRef first = chain_of({&leaf, &authority});
    BOOST_TEST(first.get() == chain_of({&leaf, &authority}).get());
    BOOST_TEST(first.get() != chain_of({&leaf}).get());
    BOOST_TEST((first->digest() != chain_of({&authority, &leaf})->digest()));
    const Digest256 digest = first->digest();
    first.reset();
    BOOST_TEST((chain_of({&leaf, &authority})->digest() == digest));
}

BOOST_AUTO_TEST_CASE(error_says_which_certificate_is_wrong) {
    const Issued leaf = issue({});
    const Bytes bad = {0x30, 0};
    const auto chain = Chain::from_der({leaf.der, bad});
    BOOST_REQUIRE(!chain.ok());
    BOOST_TEST(chain.error().message ==
               "certificate 2 of 2: it is not an X.509 certificate in DER");
    BOOST_TEST(Chain::from_der({}).value()->size() == 0U);
}

BOOST_AUTO_TEST_CASE(pem_and_der_files_are_imported) {
    const Issued one = issue_authority("one");
    const Issued two = issue_authority("two");
    const std::string pem = "# comment\n" + one.pem() + one.key_pem() + two.pem();
    const auto both = import_certificates(as_bytes(pem), "ca.pem");
    BOOST_REQUIRE(both.ok());
    BOOST_TEST(both.value()->size() == 2U);
    BOOST_TEST(import_certificates(one.der, "ca.der").value()->size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_no_certificate_file_is_named) {
    const Issued one = issue_authority("one");
    BOOST_TEST(import_certificates(as_bytes("hello"), "x").error().message ==
               "x: no certificate in it; PEM or DER is needed");
    BOOST_TEST(import_certificates({}, "x").error().message ==
               "x: no certificate in it; PEM or DER is needed");
    const std::string cut = one.pem() + one.pem().substr(0, 100);
    BOOST_TEST(import_certificates(as_bytes(cut), "x").error().message ==
               "x: certificate 2: the PEM block has no end");
    BOOST_TEST(!import_certificates(as_bytes(one.key_pem()), "x").ok());
}

BOOST_AUTO_TEST_SUITE_END()
