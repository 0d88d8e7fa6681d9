#include "core/plugin/retirement.h"

#include <atomic>
#include <future>

#include "tests/unit/plugin/bench.h"

namespace postern::plugin::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Retirement::Time in(milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retirement)

BOOST_AUTO_TEST_CASE(all_are_waited_for_side_by_side_and_each_given_up_once) {
    Retirement retirement;
    std::atomic<int> given_up{0};
    const auto begun = in({});
    for (int i = 0; i < 40; ++i) {
        retirement.retire(
            [&](Patience patience) {
                if (patience == Patience::over) ++given_up;
                return false;
            },
            in(milliseconds(200)));
    }
    retirement.settle();
    const auto took = in({}) - begun;
    BOOST_TEST(given_up == 40);
    BOOST_TEST((took >= milliseconds(200)));
    BOOST_TEST((took < seconds(4)));  // one after the other: eight
}

BOOST_AUTO_TEST_CASE(who_is_done_does_not_wait_for_who_is_not) {
    Retirement retirement;
    std::promise<Patience> done;
    retirement.retire([](Patience) { return false; }, in(seconds(10)));
    retirement.retire(
        [&, looks = 0](Patience patience) mutable {
            if (++looks < 3) return false;
            done.set_value(patience);
            return true;
        },
        in(seconds(10)));
    auto seen = done.get_future();
    BOOST_REQUIRE((seen.wait_for(seconds(5)) == std::future_status::ready));
    BOOST_TEST((seen.get() == Patience::left));
    BOOST_TEST(retirement.settle_until(in({})));
}

BOOST_AUTO_TEST_CASE(settling_until_a_time_shortens_everybodys) {
    Retirement retirement;
    const auto begun = in({});
    for (int i = 0; i < 10; ++i) {
        retirement.retire([](Patience) { return false; }, in(seconds(60)));
    }
    BOOST_TEST(retirement.settle_until(in(milliseconds(100))));
    BOOST_TEST((in({}) - begun < seconds(10)));
}

BOOST_AUTO_TEST_CASE(settling_until_a_time_does_not_wait_for_a_look_that_blocks) {
    Retirement retirement;
    std::promise<void> goes_on;
    retirement.retire(
        [&](Patience) {
            goes_on.get_future().wait();
            return true;
        },
        in(seconds(60)));
    BOOST_TEST(!retirement.settle_until(in(milliseconds(50))));
    goes_on.set_value();
    retirement.settle();
}

BOOST_AUTO_TEST_CASE(plugins_that_owe_answers_are_named_and_those_that_do_not_are_not) {
    Bench bench;
    for (const char* name : {"first", "second"}) {
        auto pipeline = bench.build({entry("validator_parallel", name, "never"),
                                     entry("validator_parallel", "good", "allow")});
        ConnectionPipeline connection(pipeline, bench.scheduler, facts());
        BOOST_TEST(!connection.accept([](Outcome) {}));
    }
    const std::set<std::string> owing = bench.environment.settle_until(in(milliseconds(100)));
    BOOST_TEST((owing == std::set<std::string>{"first", "second"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
