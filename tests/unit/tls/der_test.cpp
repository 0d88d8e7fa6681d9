#include "core/tls/der.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using namespace postern::tls;

BOOST_AUTO_TEST_SUITE(der)

BOOST_AUTO_TEST_CASE(elements_follow_each_other) {
    const Bytes bytes = {0x02, 1, 5, 0x04, 0, 0x30, 2, 0x05, 0};
    DerReader reader(bytes);
    BOOST_TEST(!reader.next(kDerSequence));  // nothing is consumed
    BOOST_TEST((reader.next(kDerInteger)->content.size() == 1U));
    BOOST_TEST(reader.next()->content.empty());
    BOOST_TEST((reader.next()->whole.size() == 4U));
    BOOST_TEST(reader.at_end());
    BOOST_TEST(!reader.next());
    BOOST_TEST((der_count(bytes, 3) == 3U));
    BOOST_TEST(!der_count(bytes, 2));
}

BOOST_AUTO_TEST_CASE(only_the_distinguished_form_is_read) {
    const Bytes wrong[] = {
        {0x30},                                  // no length
        {0x30, 1},                               // past the end
        {0x30, 0x80, 0, 0},                      // indefinite
        {0x30, 0x81, 1, 0},                      // not the shortest
        {0x30, 0x82, 0, 0x80},                   // leading zero
        {0x1f, 0x81, 1, 0},                      // long tag
        {0x30, 0x85, 1, 0, 0, 0, 0},             // absurd
        {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0}  // past the end
    };
    for (const Bytes& bytes : wrong) BOOST_TEST(!DerReader(bytes).next());
    Bytes long_form = {0x04, 0x81, 0x80};
    long_form.resize(3 + 0x80);
    BOOST_TEST((der_single(long_form, kDerOctetString)->content.size() == 0x80U));
    long_form.push_back(0);
    BOOST_TEST(!der_single(long_form, kDerOctetString));
}

BOOST_AUTO_TEST_CASE(object_identifiers_have_their_dotted_text) {
    BOOST_TEST(der_oid_text(Bytes{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11}) ==
               "1.2.840.113549.1.1.11");
    BOOST_TEST(der_oid_text(Bytes{0x55, 0x1d, 0x25}) == "2.5.29.37");
    BOOST_TEST(der_oid_text(Bytes{0x88, 0x37, 3}) == "2.999.3");
    BOOST_TEST(der_oid_text({}) == "");
    BOOST_TEST(der_oid_text(Bytes{0x2a, 0x86}) == "");        // cut
    BOOST_TEST(der_oid_text(Bytes{0x2a, 0x80, 0x01}) == "");  // not the shortest
    BOOST_TEST(der_oid_text(Bytes(12, 0xff)) == "");
}

BOOST_AUTO_TEST_SUITE_END()
