#include "core/config/node.h"

#include <boost/test/unit_test.hpp>

#include "core/config/include.h"

using namespace postern::config;

namespace {

Node::Shared parse(std::string_view text) {
    auto root = load_tree_from(text, "/x.toml");
    BOOST_REQUIRE(root.ok());
    return std::move(*root);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(node)

BOOST_AUTO_TEST_CASE(values_are_read_by_their_types) {
    const Node::Shared root = parse(
        "s = 'text'\ni = -3\nr = 1.5\nb = true\nd = 2026-11-23T05:04:05+02:00\na = [1, 'x']\n");
    BOOST_TEST(root->member("s")->as_string().value() == "text");
    BOOST_TEST(root->member("i")->as_integer().value() == -3);
    BOOST_TEST(root->member("i")->as_real().value() == -3.0);
    BOOST_TEST(root->member("r")->as_real().value() == 1.5);
    BOOST_TEST(root->member("b")->as_boolean().value());
    BOOST_TEST(root->member("d")->as_seconds().value() == 1'795'403'045);
    BOOST_TEST(root->member("a")->length() == 2u);
    BOOST_TEST(root->member("a")->element(1)->as_string().value() == "x");
    BOOST_TEST(root->length() == 6u);
}

BOOST_AUTO_TEST_CASE(a_wrong_type_gives_nothing) {
    const Node::Shared root = parse("s = 'text'\nr = 1.5\n");
    const Node& text = *root->member("s");
    BOOST_TEST(!text.as_integer().has_value());
    BOOST_TEST(!text.as_boolean().has_value());
    BOOST_TEST(!text.as_real().has_value());
    BOOST_TEST(!text.as_seconds().has_value());
    BOOST_TEST(!root->member("r")->as_integer().has_value());
    BOOST_TEST(!root->as_string().has_value());
    BOOST_TEST(text.member("x") == nullptr);
    BOOST_TEST(text.element(0) == nullptr);
    BOOST_TEST(!text.entry(0).has_value());
    BOOST_TEST(text.length() == 0u);
    BOOST_TEST(root->member("none") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_node_knows_where_it_was_written) {
    const Node::Shared root = parse("[[listener]]\nport = 1\n[[listener]]\n  port = 2\n");
    const Node& port = *root->member("listener")->element(1)->member("port");
    BOOST_TEST(port.path() == "listener[1].port");
    BOOST_TEST(port.position().text() == "/x.toml:4:3");
    BOOST_TEST(port.error("is odd") == "/x.toml:4:3: listener[1].port: is odd");
}

BOOST_AUTO_TEST_CASE(entries_follow_the_file) {
    const Node::Shared root = parse("zebra = 1\nant = 2\n\"b c\" = 3\n");
    BOOST_TEST(root->entry(0)->key == "zebra");
    BOOST_TEST(root->entry(1)->key == "ant");
    BOOST_TEST(root->entry(2)->value->path() == "\"b c\"");
    BOOST_TEST(!root->entry(3).has_value());
    BOOST_TEST(unknown_keys(*root).empty());
}

BOOST_AUTO_TEST_CASE(keys_that_nobody_asked_for_are_unknown) {
    const Node::Shared root = parse("policy = 1\npolcy = 2\n[t]\ninner = 1\n[u]\ninner = 1\n");
    static_cast<void>(root->member("policy"));
    static_cast<void>(root->member("t"));
    const std::vector<std::string> errors = unknown_keys(*root);
    BOOST_REQUIRE(errors.size() == 3u);
    BOOST_TEST(errors[0] == "/x.toml:2:1: polcy: unknown key; did you mean \"policy\"?");
    BOOST_TEST(errors[1] == "/x.toml:4:1: t.inner: unknown key");
    BOOST_TEST(errors[2] == "/x.toml:5:2: u: unknown key");
    BOOST_TEST(unknown_keys(*root, {root.get()}).empty());
}

BOOST_AUTO_TEST_CASE(a_subtree_outlives_its_root) {
    Node::Shared root = parse("[a]\nb = 'kept'\n");
    const Node::Shared kept = root->shared_member("a");
    root.reset();
    BOOST_TEST(kept->member("b")->as_string().value() == "kept");
}

BOOST_AUTO_TEST_CASE(an_error_is_one_printable_line_whatever_the_key) {
    const Node::Shared root = parse("\"a\\nb\\u001b\" = 1\n");
    const std::string error = unknown_keys(*root).at(0);
    for (const char c : error) BOOST_TEST((c >= ' ' && c <= '~'));
}

BOOST_AUTO_TEST_CASE(an_empty_table_has_a_place) {
    const Node::Shared table = empty_table("listener[0].config", {"/x.toml", 3, 1});
    BOOST_TEST((table->type() == NodeType::table));
    BOOST_TEST(table->length() == 0u);
    BOOST_TEST(table->error("lacks x") == "/x.toml:3:1: listener[0].config: lacks x");
}

BOOST_AUTO_TEST_SUITE_END()
