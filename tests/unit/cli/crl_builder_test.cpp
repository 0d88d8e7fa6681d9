#include "core/cli/crl_builder.h"

#include <boost/test/unit_test.hpp>

#include "core/cli/certificate_description.h"
#include "tests/unit/cli/fixture.h"

using namespace postern;
using namespace postern::cli;
using namespace postern::cli::test;

namespace {

tls::CrlOwner imported(const Bytes& der) {
    gnutls_x509_crl_t handle = nullptr;
    BOOST_REQUIRE(gnutls_x509_crl_init(&handle) == 0);
    tls::CrlOwner crl(handle);
    const auto datum = tls::datum_of(der);
    BOOST_REQUIRE(gnutls_x509_crl_import(handle, &datum, GNUTLS_X509_FMT_DER) == 0);
    return crl;
}

// Whether the issuer signed it; the times are of no interest here.
bool is_signed_by(gnutls_x509_crl_t crl, gnutls_x509_crt_t issuer) {
    unsigned status = 0;
    BOOST_TEST(gnutls_x509_crl_verify(crl, &issuer, 1, 0, &status) == 0);
    return (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
                      GNUTLS_CERT_SIGNATURE_FAILURE)) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crl_builder)

BOOST_AUTO_TEST_CASE(crl_reads_back_as_it_was_meant_for_every_key_type) {
    for (const auto type :
         {KeyType::ecdsa_p256, KeyType::ecdsa_p384, KeyType::rsa_2048, KeyType::ed25519}) {
        const auto ca = authority(type);
        const std::vector<Revocation> revoked = {
            {{0x01}, RevocationReason::unspecified, kNow - 10},
            {{0x00, 0xff, 0x02}, RevocationReason::key_compromise, kNow - 5}};
        const auto crl = imported(taken(build_crl({300, kNow, kNow + kDay, revoked}, ca.signer())));
        const auto seen = taken(describe(crl.get()));
        BOOST_TEST(is_signed_by(crl.get(), ca.certificate.get()));
        BOOST_TEST(seen.issuer == "CN=Test CA");
        BOOST_TEST(seen.number == "012c");
        BOOST_TEST(seen.this_update == kNow);
        BOOST_TEST(seen.next_update == kNow + kDay);
        BOOST_REQUIRE(seen.entries.size() == 2u);
        BOOST_TEST(seen.entries[1].serial == "ff02");
        BOOST_TEST(seen.entries[1].revoked_at == kNow - 5);
    }
}

BOOST_AUTO_TEST_CASE(crl_without_entries_is_valid) {
    const auto ca = authority();
    const auto crl = imported(taken(build_crl({1, kNow, kNow + kDay, {}}, ca.signer())));
    BOOST_TEST(is_signed_by(crl.get(), ca.certificate.get()));
    BOOST_TEST(taken(describe(crl.get())).entries.empty());
}

BOOST_AUTO_TEST_CASE(crl_of_another_authority_does_not_verify) {
    const auto crl = imported(taken(build_crl({1, kNow, kNow + kDay, {}}, authority().signer())));
    BOOST_TEST(!is_signed_by(crl.get(), authority().certificate.get()));
}

BOOST_AUTO_TEST_SUITE_END()
