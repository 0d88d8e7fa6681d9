#include "core/config/table_reader.h"

#include <boost/test/unit_test.hpp>

#include "core/config/include.h"

using namespace postern::config;

namespace {

struct Table {
    explicit Table(std::string_view text) : root(*load_tree_from(text, "/x.toml")) {}

    Node::Shared root;
    Reading reading;
    TableReader reader{reading, *root};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(table_reader)

BOOST_AUTO_TEST_CASE(an_absent_key_leaves_its_default) {
    Table table("");
    std::string text = "default";
    std::int64_t number = 7;
    std::vector<std::string> list{"default"};
    Trust trust = Trust::pin;
    table.reader.string("a", text);
    table.reader.integer("b", number, 0, 1);
    table.reader.strings("c", list);
    table.reader.paths("d", list);
    table.reader.word("e", kTrusts, trust);
    BOOST_TEST(text == "default");
    BOOST_TEST(number == 7);
    BOOST_TEST(list.size() == 1u);
    BOOST_TEST((trust == Trust::pin));
    BOOST_TEST(table.reading.errors.empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_value_leaves_its_default_and_is_said) {
    Table table("a = 1\nb = 5\nc = ['x', 2]\nd = '5'\ne = 'never'\nf = '7q'\ng = ['${X}']\n");
    std::string text = "default";
    std::int64_t number = 7;
    std::vector<std::string> list{"default"};
    std::uint64_t amount = 9;
    Trust trust = Trust::pin;
    table.reader.string("a", text);
    table.reader.integer("b", number, 0, 1);
    table.reader.strings("c", list);
    table.reader.duration("d", amount, 0);
    table.reader.word("e", kTrusts, trust);
    table.reader.size("f", amount, 0, 100);
    table.reader.paths("g", list);
    BOOST_TEST(text == "default");
    BOOST_TEST(number == 7);
    BOOST_TEST(list.at(0) == "default");
    BOOST_TEST(amount == 9u);
    BOOST_TEST((trust == Trust::pin));
    BOOST_TEST(table.reading.errors.size() == 7u);
    BOOST_TEST(unknown_keys(*table.root, table.reading.unread).empty());
}

BOOST_AUTO_TEST_CASE(tables_come_in_order_and_only_tables) {
    Table table("t = [{a = 1}, 3, {a = 2}]\nu = 3\n");
    const std::vector<Node::Shared> elements = table.reader.tables("t");
    BOOST_REQUIRE(elements.size() == 2u);
    BOOST_TEST(elements[1]->member("a")->as_integer().value() == 2);
    BOOST_TEST(table.reader.table("u") == nullptr);
    BOOST_TEST(table.reader.shared_table("u") == nullptr);
    BOOST_TEST(table.reading.errors.size() == 3u);
}

BOOST_AUTO_TEST_CASE(missing_is_absent_or_empty) {
    Table table("a = ''\nb = []\nc = 'x'\nd = 3\n");
    BOOST_TEST(table.reader.missing("a"));
    BOOST_TEST(table.reader.missing("b"));
    BOOST_TEST(!table.reader.missing("c"));
    BOOST_TEST(!table.reader.missing("d"));
    BOOST_TEST(table.reader.missing("e"));
}

BOOST_AUTO_TEST_SUITE_END()
