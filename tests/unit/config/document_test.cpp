#include "core/config/document.h"

#include <boost/test/unit_test.hpp>

#include "core/config/toml_adapter.h"

using namespace postern::config;

namespace {

Document parse(std::string_view text, const std::string& file) {
    auto document = parse_toml(text, file);
    BOOST_REQUIRE(document.ok());
    return std::move(*document);
}

std::string merge_error(std::string_view first, std::string_view second) {
    Document document = parse(first, "/a");
    const auto merged = merge(document, parse(second, "/b"));
    return merged.ok() ? "" : merged.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(document)

BOOST_AUTO_TEST_CASE(tables_join_and_arrays_of_tables_follow_each_other) {
    Document document = parse("[t]\na = 1\n[[l]]\nx = 1\n", "/a");
    BOOST_REQUIRE(merge(document, parse("u = 1\n[t]\nb = 2\n[[l]]\nx = 2\n", "/b")).ok());
    const Node::Shared root = to_node(std::move(document));
    BOOST_TEST(root->member("u")->as_integer().value() == 1);
    BOOST_TEST(root->member("t")->length() == 2u);
    BOOST_REQUIRE(root->member("l")->length() == 2u);
    const Node& second = *root->member("l")->element(1)->member("x");
    BOOST_TEST(second.path() == "l[1].x");
    BOOST_TEST(second.position().text() == "/b:5:1");
}

BOOST_AUTO_TEST_CASE(anything_else_may_be_said_once) {
    BOOST_TEST(merge_error("a = 1\n", "\na = 1\n") ==
               "/b:2:1: a: is set at /a:1:1 already; remove one of the two");
    BOOST_TEST(merge_error("a = [1]\n", "a = [2]\n") != "");
    BOOST_TEST(merge_error("a = []\n", "a = [{}]\n") != "");
    BOOST_TEST(merge_error("[a]\nb = 1\n", "a = 1\n") != "");
    BOOST_TEST(merge_error("[a]\n", "[[a]]\n") != "");
    BOOST_TEST(merge_error("t.\"x y\".z = 1\n", "t.\"x y\".z = 2\n")
                   .starts_with("/b:1:9: t.\"x y\".z: is set at"));
}

BOOST_AUTO_TEST_CASE(a_value_is_found_in_a_table_only) {
    Document document = parse("a = 1\n", "/a");
    BOOST_REQUIRE(find(document, "a") != nullptr);
    BOOST_TEST(find(document, "b") == nullptr);
    BOOST_TEST(find(*find(document, "a"), "a") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
