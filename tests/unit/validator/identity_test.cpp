#include "plugins/validator/identity.h"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace postern::validator;

namespace {

Identity of(const char* kind, const std::string& value) {
    Identity out;
    BOOST_REQUIRE_EQUAL(add_condition(out, kind, value), "");
    return out;
}

bool wrong(const char* kind, const std::string& value) {
    Identity out;
    return !add_condition(out, kind, value).empty();
}

Peer alice() {
    Peer out;
    out.present = out.verified = true;
    out.uris = {"spiffe://corp.example/a/alice"};
    out.dns_names = {"alice.corp.example"};
    out.mailboxes = {"Alice@corp.example"};
    out.subject = split_subject("CN=alice,OU=Ops,O=Corp\\, Inc.,C=CH");
    out.issuer = split_subject("CN=Corp CA");
    out.key = std::string(64, 'a');
    out.certificate = std::string(64, 'b');
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(identity)

BOOST_AUTO_TEST_CASE(each_kind_of_name_matches_whole_and_by_its_wildcards) {
    const Peer peer = alice();
    const std::pair<const char*, const char*> held[] = {
        {"uri", "spiffe://corp.example/a/alice"},
        {"uri", "spiffe://corp.example/**"},
        {"dns", "Alice.Corp.Example"},
        {"dns", "*.corp.example"},
        {"email", "Alice@CORP.example"},
        {"email", "*@corp.example"},
        {"dn", "CN=alice, OU=Ops, O=Corp\\, Inc., C=CH"},
        {"dn", "*,OU=Ops,O=Corp\\, Inc.,C=CH"},
        {"dn", "**,C=CH"},
        {"issuer", "CN=Corp CA"},
        {"key", "sha256/qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo="}};
    for (const auto& [kind, value] : held) {
        BOOST_TEST_CONTEXT(value) {
            BOOST_CHECK(of(kind, value).matches(peer));
        }
    }
    const std::pair<const char*, const char*> not_held[] = {{"uri", "spiffe://corp.example/*"},
                                                            {"dns", "*.example"},
                                                            {"dns", "*.*.corp.example"},
                                                            {"email", "alice@corp.example"},
                                                            {"dn", "CN=alice,OU=Ops"},
                                                            {"dn", "**,O=Corp"},
                                                            {"dn", "**,OU=Ops"},
                                                            {"issuer", "CN=Other CA"}};
    for (const auto& [kind, value] : not_held) {
        BOOST_TEST_CONTEXT(value) {
            BOOST_CHECK(!of(kind, value).matches(peer));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_identity_is_told) {
    BOOST_CHECK(wrong("uri", "no-scheme"));
    BOOST_CHECK(wrong("uri", "spiffe://corp/a*"));
    BOOST_CHECK(wrong("uri", "spiffe://corp/^.+$"));
    BOOST_CHECK(wrong("dns", "*"));
    BOOST_CHECK(wrong("dns", "a*.example"));
    BOOST_CHECK(wrong("dns", "**.example"));
    BOOST_CHECK(wrong("email", "a*@x.example"));
    BOOST_CHECK(wrong("dn", "alice"));
    BOOST_CHECK(wrong("dn", "**"));
    BOOST_CHECK(wrong("dn", "O=Corp,**"));
    BOOST_CHECK(wrong("key", "sha256/abc="));
}

BOOST_AUTO_TEST_CASE(all_that_an_identity_says_must_hold) {
    Identity both = of("dn", "CN=alice,OU=Ops,O=Corp\\, Inc.,C=CH");
    BOOST_REQUIRE_EQUAL(add_condition(both, "issuer", "CN=Corp CA"), "");
    BOOST_CHECK(both.matches(alice()));
    Peer other = alice();
    other.issuer = split_subject("CN=Corp CA,O=Elsewhere");
    BOOST_CHECK(!both.matches(other));
}

BOOST_AUTO_TEST_CASE(lists_are_found_by_whole_names_and_by_patterns) {
    IdentityIndex index;
    BOOST_CHECK_EQUAL(index.add_list({of("dns", "alice.corp.example")}), 0u);
    BOOST_CHECK_EQUAL(index.add_list({of("uri", "spiffe://other/**")}), 1u);
    BOOST_CHECK_EQUAL(index.add_list({of("uri", "spiffe://corp.example/**")}), 2u);
    Identity anyone;
    anyone.word = "*";
    BOOST_CHECK_EQUAL(index.add_list({anyone}), 3u);
    Identity nobody;
    nobody.word = "anonymous";
    BOOST_CHECK_EQUAL(index.add_list({nobody}), 4u);
    const std::vector<std::uint32_t> hers{0, 2, 3};
    const std::vector<std::uint32_t> without{4};
    BOOST_TEST(index.lists_of(alice()) == hers, boost::test_tools::per_element());
    BOOST_TEST(index.lists_of(Peer{}) == without, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
