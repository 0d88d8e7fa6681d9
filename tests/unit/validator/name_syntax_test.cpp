#include "plugins/validator/name_syntax.h"

#include <boost/test/unit_test.hpp>
#include <string>

using postern::validator::dns_name_fault;
using postern::validator::mailbox_fault;
using postern::validator::uri_fault;
using postern::validator::Wildcard;

BOOST_AUTO_TEST_SUITE(name_syntax)

BOOST_AUTO_TEST_CASE(letters_digits_and_inner_hyphens_make_a_dns_name) {
    for (const char* name : {"a", "localhost", "Gate.Example", "xn--bcher-kva.example", "3com.com",
                             "a-b.c-d", "1.2.3.4.example"}) {
        BOOST_CHECK_EQUAL(dns_name_fault(name, Wildcard::refused), "");
    }
}

BOOST_AUTO_TEST_CASE(a_wildcard_is_the_whole_left_most_label_above_two_others) {
    BOOST_CHECK_EQUAL(dns_name_fault("*.corp.example", Wildcard::allowed), "");
    for (const char* name : {"*.com", "*", "a*.corp.example", "a.*.example", "*.*.example", "*."}) {
        BOOST_CHECK_NE(dns_name_fault(name, Wildcard::allowed), "");
    }
    BOOST_CHECK_NE(dns_name_fault("*.corp.example", Wildcard::refused), "");
}

BOOST_AUTO_TEST_CASE(what_is_no_dns_name_is_refused) {
    for (const std::string& name :
         {std::string(""), std::string("a_b.example"), std::string("-a.example"),
          std::string("a-.example"), std::string("a..b"), std::string(".a"), std::string("a."),
          std::string("a\0.example", 10), std::string("a b"), std::string("b\xc3\xbc"),
          std::string("::1"), std::string("127.0.0.1"), std::string("2130706433"),
          std::string(64, 'a'), std::string("gate.example:443")}) {
        BOOST_CHECK_NE(dns_name_fault(name, Wildcard::refused), "");
    }
    std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                          std::string(63, 'c') + "." + std::string(61, 'd');
    BOOST_CHECK_EQUAL(dns_name_fault(longest, Wildcard::refused), "");
    BOOST_CHECK_NE(dns_name_fault(longest + "d", Wildcard::refused), "");
}

BOOST_AUTO_TEST_CASE(a_uri_has_a_scheme_and_something_after_it) {
    for (const char* uri : {"spiffe://corp.example/a", "urn:uuid:1", "https://a.example/%20?x#y"}) {
        BOOST_CHECK_EQUAL(uri_fault(uri), "");
    }
    for (const std::string& uri :
         {std::string(""), std::string("/relative"), std::string("//host/x"),
          std::string("spiffe:"), std::string("spiffe://"), std::string("1a:b"), std::string(":x"),
          std::string("a b:c"), std::string("a:b c"), std::string("a:\x01"),
          std::string("a:b\0c", 5), std::string("a:%2"), std::string("a:%zz"), std::string("a:<b>"),
          "a:" + std::string(2048, 'x')}) {
        BOOST_CHECK_NE(uri_fault(uri), "");
    }
}

BOOST_AUTO_TEST_CASE(a_mailbox_is_a_local_part_and_a_dns_name) {
    for (const char* mailbox : {"alice@corp.example", "a.b+c@localhost", "o'neil@x.example"}) {
        BOOST_CHECK_EQUAL(mailbox_fault(mailbox), "");
    }
    for (const std::string& mailbox :
         {std::string("corp.example"), std::string("@corp.example"), std::string("a@"),
          std::string("a b@x.example"), std::string("a@b@x.example"), std::string(".a@x.example"),
          std::string("a..b@x.example"), std::string("\"a\"@x.example"), std::string("a@x_y"),
          std::string("a\0@x.example", 12), std::string("<a@x.example>"),
          std::string(65, 'a') + "@x.example"}) {
        BOOST_CHECK_NE(mailbox_fault(mailbox), "");
    }
}

BOOST_AUTO_TEST_SUITE_END()
