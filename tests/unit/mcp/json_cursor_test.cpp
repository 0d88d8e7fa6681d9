#include "core/mcp/json_cursor.h"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using postern::mcp::JsonCursor;

namespace {

std::string values_of(std::string_view text) {
    JsonCursor cursor(text);
    std::string values;
    for (auto value = cursor.next(); !value.empty(); value = cursor.next()) {
        values.append(value).append("|");
    }
    return values;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_cursor)

BOOST_AUTO_TEST_CASE(values_are_found_where_they_stand) {
    BOOST_TEST(values_of("{}").empty());
    BOOST_TEST(values_of(" [ ] ").empty());
    BOOST_TEST(values_of(R"({"a":1,"b":"x"})") == R"(1|"x"|)");
    BOOST_TEST(values_of(" {\n \"a\" : -1e3 ,\t\"b\" : [1, {\"c\":2}] , \"d\":{} } ") ==
               "-1e3|[1, {\"c\":2}]|{}|");
    BOOST_TEST(values_of("[true, null ,\"]\"\r\n, [ ] ]") == "true|null|\"]\"|[ ]|");
}

BOOST_AUTO_TEST_CASE(quotes_and_brackets_in_strings_end_nothing) {
    BOOST_TEST(values_of(R"({"a\"}":"x\"]}","b\\":"\\","c":["}\\\"",1]})") ==
               R"("x\"]}"|"\\"|["}\\\"",1]|)");
}

BOOST_AUTO_TEST_CASE(text_that_breaks_off_ends_the_walk) {
    for (const auto* text : {"", " ", "{", "[", "{\"a", "{\"a\"", "{\"a\":", "[\"a\\", "[{\"a\":[",
                             "{\"a\":1", "[1,", "[1"}) {
        BOOST_TEST(values_of(text).size() < 16u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
