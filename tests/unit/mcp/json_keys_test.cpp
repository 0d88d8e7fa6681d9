#include "core/mcp/json_keys.h"

#include <array>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern::mcp;

BOOST_AUTO_TEST_SUITE(json_keys)

BOOST_AUTO_TEST_CASE(folding_covers_what_unicode_folds_into_ascii) {
    BOOST_TEST(folds_to("PARAMS", "params"));
    BOOST_TEST(folds_to("param\xc5\xbf", "params"));
    BOOST_TEST(
        folds_to("tas\xe2\x84\xaa"
                 "Id",
                 "taskId"));
    BOOST_TEST(!folds_to("params ", "params"));
    BOOST_TEST(!folds_to("param", "params"));
    BOOST_TEST(!folds_to("", "id"));
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_keys_are_checked_in_good_time) {
    std::vector<std::string> names;
    for (int i = 0; i < 100000; ++i) names.push_back("key" + std::to_string(i));
    std::vector<std::string_view> keys(names.begin(), names.end());
    constexpr std::array<std::string_view, 1> kKnown{"id"};
    BOOST_TEST(!ambiguous_key(keys, kKnown).has_value());
    keys.push_back("key77777");
    BOOST_TEST(ambiguous_key(keys, kKnown).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
