#include "core/cli/subject_names.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/cli/fixture.h"

using namespace postern;
using namespace postern::cli;
using namespace postern::cli::test;

BOOST_AUTO_TEST_SUITE(subject_names)

BOOST_AUTO_TEST_CASE(good_names_of_every_kind_are_taken) {
    const auto names = taken(parse_subject_names({{"a.example", "*.a.example", "münchen.example"},
                                                  {"192.0.2.1", "2001:db8::1"},
                                                  {"me@a.example"},
                                                  {"spiffe://a.example/ns/x"}}));
    BOOST_TEST(names.dns[2] == "xn--mnchen-3ya.example");
    BOOST_TEST(names.addresses[0].size() == 4u);
    BOOST_TEST(names.addresses[1].size() == 16u);
}

BOOST_AUTO_TEST_CASE(bad_host_names_are_refused) {
    for (const char* name : {"", "a..b", "-a", "a-", "a_b", "a b", "a.example.", "*.*.a", "a.*.b",
                             "127.0.0.1", "::1", "a\nb"})
        BOOST_TEST(!parse_subject_names({{name}, {}, {}, {}}), name);
    BOOST_TEST(!is_host_name(std::string(64, 'a')));
    BOOST_TEST(is_host_name(std::string(63, 'a')));
}

BOOST_AUTO_TEST_CASE(bad_addresses_mail_addresses_and_uris_are_refused) {
    for (const char* address : {"", "a.example", "1.2.3", "1.2.3.4.5", "fe80::1%eth0"})
        BOOST_TEST(!parse_subject_names({{}, {address}, {}, {}}), address);
    for (const char* mail : {"", "me", "@a.example", "me@", "a@b@c", "m e@a.example"})
        BOOST_TEST(!parse_subject_names({{}, {}, {mail}, {}}), mail);
    for (const char* uri :
         {"", "a", ":a", "http:", "http://a b", "spiffe:a", "spiffe://", "spiffe://UPPER/a",
          "spiffe://a:1/b", "spiffe://a/b?c", "spiffe://a/b/", "spiffe://a/../b", "spiffe://a//b"})
        BOOST_TEST(!parse_subject_names({{}, {}, {}, {uri}}), uri);
}

BOOST_AUTO_TEST_CASE(a_spiffe_id_stands_alone) {
    BOOST_TEST(!parse_subject_names({{}, {}, {}, {"spiffe://a/b", "http://a/b"}}));
    BOOST_TEST(parse_subject_names({{"a"}, {}, {}, {"spiffe://a/b"}}).ok());
}

BOOST_AUTO_TEST_CASE(common_names_have_1_to_64_visible_characters) {
    BOOST_TEST(check_common_name("--name", "Zoë").ok());
    BOOST_TEST(check_common_name("--name", std::string(64, 'a')).ok());
    BOOST_TEST(!check_common_name("--name", std::string(65, 'a')));
    BOOST_TEST(!check_common_name("--name", ""));
    BOOST_TEST(!check_common_name("--name", "a\x1b[2J"));
    BOOST_TEST(!check_common_name("--name", "\xff"));
}

BOOST_AUTO_TEST_CASE(fetch_uris_are_http_with_a_host) {
    BOOST_TEST(check_fetch_uri("--crl-uri", "http://a/ca.crl").ok());
    for (const char* uri : {"", "ldap://a", "http://", "http:///a", "http://a b"})
        BOOST_TEST(!check_fetch_uri("--crl-uri", uri), uri);
}

BOOST_AUTO_TEST_SUITE_END()
