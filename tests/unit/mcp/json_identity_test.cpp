#include "core/mcp/json_identity.h"

#include <boost/test/unit_test.hpp>

using namespace postern::mcp;

BOOST_AUTO_TEST_SUITE(json_identity)

BOOST_AUTO_TEST_CASE(spellings_of_one_value_are_one) {
    const auto same = [](std::string_view left, std::string_view right) {
        return identity_of(left) == identity_of(right);
    };
    BOOST_TEST(same(R"("a")", R"("\u0061")"));
    BOOST_TEST(same("\"\xc3\xa9\"", R"("\u00e9")"));
    BOOST_TEST(same("7", "7.0"));
    BOOST_TEST(same("7", "70e-1"));
    BOOST_TEST(same("1000", "1E+3"));
    BOOST_TEST(same("-0", "0.000e5"));
    BOOST_TEST(same("0.05", "5e-2"));
    BOOST_TEST(!same("7", R"("7")"));
    BOOST_TEST(!same("9007199254740993", "9007199254740992"));
    BOOST_TEST(!same("1", "-1"));
    BOOST_TEST(!same("1", "10"));
    BOOST_TEST(!same(R"("a")", R"("A")"));
}

BOOST_AUTO_TEST_CASE(what_is_no_id_is_its_own_text) {
    BOOST_TEST(identity_of("null") == "null");
    BOOST_TEST(identity_of("{}") == "{}");
    BOOST_TEST(identity_of("1e99999999999999999999") == "1e99999999999999999999");
    BOOST_TEST(identity_of("").empty());
}

BOOST_AUTO_TEST_CASE(integers_are_known_however_written) {
    for (const auto* text :
         {"0", "-5", "1.0", "1e3", "15e-1e", "1500e-2", "123456789012345678901", "1e400"}) {
        BOOST_TEST(is_integer(text) == (std::string_view(text) != "15e-1e"), text);
    }
    for (const auto* text : {"1.5", "1e-1", "\"1\"", "", "-", "null"}) {
        BOOST_TEST(!is_integer(text), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
