#include "core/plugin/op_table.h"

#include <atomic>
#include <set>
#include <thread>

#include <boost/test/unit_test.hpp>

#include "core/plugin/ask.h"

namespace postern::plugin::test {

BOOST_AUTO_TEST_SUITE(op_table)

BOOST_AUTO_TEST_CASE(an_operation_is_completed_once) {
    OpTable table;
    auto ask = std::make_shared<Ask>();
    const postern_op op = table.begin(ask);
    BOOST_TEST(op != 0u);
    BOOST_TEST(!ask);
    BOOST_TEST(table.pend(op));
    BOOST_TEST((table.complete(op).claim == OpTable::Claim::taken));
    BOOST_TEST((table.complete(op).claim == OpTable::Claim::stale));
    BOOST_TEST(table.outstanding() == 0u);
}

BOOST_AUTO_TEST_CASE(a_decided_operation_gives_back_what_it_pinned_when_it_is_completed) {
    OpTable table;
    auto ask = std::make_shared<Ask>();
    const std::weak_ptr<Ask> pinned = ask;
    const postern_op op = table.begin(ask);
    BOOST_TEST(table.pend(op));
    BOOST_TEST(table.decide(op));
    BOOST_TEST(!table.decide(op));
    BOOST_TEST(!pinned.expired());
    auto ended = table.complete(op);
    BOOST_TEST((ended.claim == OpTable::Claim::late));
    ended.ask.reset();
    BOOST_TEST(pinned.expired());
}

BOOST_AUTO_TEST_CASE(operations_of_another_table_or_generation_do_not_match) {
    OpTable table;
    OpTable other;
    auto ask = std::make_shared<Ask>();
    const postern_op op = table.begin(ask);
    BOOST_TEST((other.complete(op).claim == OpTable::Claim::stale));
    BOOST_TEST(table.end(op));
    ask = std::make_shared<Ask>();
    const postern_op next = table.begin(ask);
    BOOST_TEST(next != op);
    BOOST_TEST((table.complete(op).claim == OpTable::Claim::stale));
    BOOST_TEST((table.complete(next).claim == OpTable::Claim::taken));
    BOOST_TEST(!table.end(next));
}

BOOST_AUTO_TEST_CASE(a_full_table_says_so_and_leaves_the_ask_alone) {
    OpTable table;
    std::set<postern_op> ops;
    for (std::size_t i = 0; i < OpTable::kSlots; ++i) {
        auto ask = std::make_shared<Ask>();
        ops.insert(table.begin(ask));
    }
    BOOST_TEST(ops.size() == OpTable::kSlots);
    auto ask = std::make_shared<Ask>();
    BOOST_TEST(table.begin(ask) == 0u);
    BOOST_TEST(ask);
    BOOST_TEST(table.abandon().size() == OpTable::kSlots);
    for (const postern_op op : ops) {
        BOOST_TEST((table.complete(op).claim == OpTable::Claim::stale));
    }
}

BOOST_AUTO_TEST_CASE(of_deadline_and_two_completions_exactly_one_decides) {
    OpTable table;
    for (int round = 0; round < 2000; ++round) {
        auto ask = std::make_shared<Ask>();
        const postern_op op = table.begin(ask);
        std::atomic<int> decided{0};
        std::atomic<int> ended{0};
        const auto complete = [&] {
            const auto completion = table.complete(op);
            decided += completion.claim == OpTable::Claim::taken;
            ended += completion.claim != OpTable::Claim::stale;
        };
        std::thread first(complete);
        std::thread second(complete);
        table.pend(op);
        decided += table.decide(op);
        first.join();
        second.join();
        BOOST_REQUIRE(decided == 1);
        BOOST_REQUIRE(ended == 1);
    }
    BOOST_TEST(table.outstanding() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
