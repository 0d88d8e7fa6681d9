#include "core/upstream/session_table.h"

#include <string>

#include <boost/test/unit_test.hpp>

namespace postern::upstream {
namespace {

using Ids = SessionTable::Ids;

const tls::Identity kAnna{"uri:spiffe://example/anna", "aa"};
const tls::Identity kBert{"uri:spiffe://example/bert", "aa"};

std::string long_id(std::size_t number) {
    std::string id = std::to_string(number);
    return id + std::string(SessionTable::kMaxLength - id.size(), '.');
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_table)

BOOST_AUTO_TEST_CASE(who_holds_most_makes_room_by_its_least_recently_used) {
    SessionTable table(Ids::of_one_holder);
    table.add("anna's", kAnna, 0);
    for (std::size_t i = 0; i < 50'000; ++i) {
        table.add(long_id(i), kBert, 0);
        if (i > 0) table.use(*table.find(long_id(0), kBert));
    }
    BOOST_TEST(table.find("anna's", kAnna) != nullptr);
    BOOST_TEST(table.find(long_id(0), kBert) != nullptr);
    BOOST_TEST(table.find(long_id(1), kBert) == nullptr);
    BOOST_TEST(table.find(long_id(49'999), kBert) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_long_identity_counts_once_and_leaves_with_its_last_session) {
    SessionTable table(Ids::of_one_holder);
    const tls::Identity wordy{std::string(1024 * 1024, 'n'), "aa"};
    for (int i = 0; i < 10'000; ++i) table.add(std::to_string(i), wordy, 0);
    BOOST_TEST(table.find("0", wordy) != nullptr);
    for (int i = 0; i < 10'000; ++i) table.erase(*table.find(std::to_string(i), wordy));
    for (std::size_t i = 0; i < SessionTable::kMaxBytes / 2048; ++i)
        table.add(long_id(i), kAnna, 0);
    BOOST_TEST(table.find(long_id(0), kAnna) != nullptr);
    BOOST_TEST(table.find("9999", wordy) == nullptr);
}

BOOST_AUTO_TEST_CASE(one_that_is_too_large_for_the_table_does_not_stay) {
    SessionTable table(Ids::of_one_holder);
    table.add("anna's", kAnna, 0);
    const tls::Identity absurd{std::string(SessionTable::kMaxBytes, 'n'), "aa"};
    table.add("s", absurd, 0);
    BOOST_TEST(table.find("s", absurd) == nullptr);
    BOOST_TEST(table.find("anna's", kAnna) != nullptr);
}

BOOST_AUTO_TEST_CASE(an_id_is_one_holder_s_or_each_one_s_own) {
    SessionTable one(Ids::of_one_holder);
    one.add("s", kAnna, 1);
    BOOST_TEST((one.find("s", kBert)->owner() == kAnna));
    SessionTable each(Ids::of_each_holder);
    each.add("s", kAnna, 1);
    BOOST_TEST(each.find("s", kBert) == nullptr);
    each.add("s", kBert, 2);
    BOOST_TEST(each.find("s", kAnna)->server == 1u);
    each.erase(*each.find("s", kBert));
    BOOST_TEST(each.find("s", kBert) == nullptr);
    BOOST_TEST(each.find("s", kAnna) != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::upstream
