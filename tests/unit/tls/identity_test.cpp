#include <boost/test/unit_test.hpp>

#include "core/tls/verify.h"
#include "tests/unit/tls/test_pki.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

std::string name_of(const Wanted& wanted) {
    const Issued issued = issue(wanted);
    return identity_of(*chain_of({&issued})).name;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(identity)

BOOST_AUTO_TEST_CASE(first_kind_of_name_present_is_the_identity) {
    Wanted wanted;
    wanted.common_name = "someone";
    BOOST_TEST(name_of(wanted) == "dn:CN=someone");
    wanted.email = {"me@example.org"};
    BOOST_TEST(name_of(wanted) == "email:me@example.org");
    wanted.dns = {"b.example", "A.example", "b.example"};
    BOOST_TEST(name_of(wanted) == "dns:a.example,dns:b.example");
    wanted.uri = {"spiffe://example/x"};
    BOOST_TEST(name_of(wanted) == "uri:spiffe://example/x");
}

BOOST_AUTO_TEST_CASE(no_name_can_pass_for_two) {
    const auto name_with = [](std::vector<std::string> uris) {
        Certificate certificate;
        certificate.san_uri = std::move(uris);
        return identity_of(*Chain::from_certificates({certificate})).name;
    };
    BOOST_TEST(name_with({"a:2", "a:1"}) == "uri:a:1,uri:a:2");
    BOOST_TEST(name_with({"a:1,uri:a:2"}) == "uri:a:1\\2curi:a:2");
    BOOST_TEST(name_with({"a:\\2c\n"}) == "uri:a:\\5c2c\\0a");
    BOOST_TEST(name_with({std::string("a:\0b", 4)}) == "uri:a:\\00b");
}

BOOST_AUTO_TEST_CASE(nameless_certificates_are_told_apart_by_their_keys) {
    Wanted nameless;
    nameless.common_name = "";
    const std::string first = name_of(nameless);
    BOOST_TEST(first.starts_with("key:"));
    BOOST_TEST(first != name_of(nameless));
}

BOOST_AUTO_TEST_CASE(same_name_under_two_authorities_is_two_identities) {
    const Issued one = issue_authority("ca");
    const Issued two = issue_authority("ca");
    Wanted wanted;
    wanted.issuer = &one;
    const Issued leaf = issue(wanted);
    const Identity first = identity_of(*chain_of({&leaf, &one}));
    const Identity second = identity_of(*chain_of({&leaf, &two}));
    BOOST_TEST(first.name == second.name);
    BOOST_TEST(!(first == second));
    BOOST_TEST(first.anchor.size() == 64U);
    BOOST_TEST(identity_of(*Chain::empty()).empty());
}

BOOST_AUTO_TEST_SUITE_END()
