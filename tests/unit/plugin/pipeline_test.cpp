#include "core/plugin/pipeline.h"

#include "tests/unit/plugin/bench.h"

namespace postern::plugin::test {
namespace {

constexpr std::uint64_t kTimeout = 3'000'000'000;

config::PipelineEntry with(config::PipelineEntry made,
                           const std::function<void(config::PipelineEntry&)>& change) {
    change(made);
    return made;
}

struct Asked {
    Bench bench;
    std::shared_ptr<Pipeline> pipeline;
    std::unique_ptr<ConnectionPipeline> connection;
    Later later;

    explicit Asked(std::vector<config::PipelineEntry> entries)
        : pipeline(bench.build(std::move(entries))) {
        connection = std::make_unique<ConnectionPipeline>(pipeline, bench.scheduler, facts());
    }
    ~Asked() { end(); }
    Outcome accept() {
        auto outcome = connection->accept(later.done());
        if (outcome) return *outcome;
        BOOST_REQUIRE(bench.scheduler.run_until([this] { return later.outcome.has_value(); }));
        BOOST_TEST(later.times == 1);
        return *std::exchange(later.outcome, std::nullopt);
    }
    void end() {
        connection.reset();
        pipeline.reset();
        bench.settle();
    }
};

Reason refusal_of(const std::string& behaviour) {
    Asked asked({entry("validator_parallel", "x", behaviour)});
    const Outcome outcome = asked.accept();
    BOOST_TEST(!outcome.allowed);
    BOOST_TEST(outcome.plugin == "x");
    asked.end();
    return outcome.reason;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pipeline)

BOOST_AUTO_TEST_CASE(allow_never_overrides_deny_and_nobody_is_asked_after_it) {
    Asked asked({entry("validator_parallel", "first", "allow"),
                 entry("validator_parallel", "second", "deny"),
                 entry("validator_parallel", "third", "allow")});
    const Outcome outcome = asked.accept();
    BOOST_TEST(!outcome.allowed);
    BOOST_TEST(outcome.plugin == "second");
    BOOST_TEST(outcome.reason == POSTERN_REASON_POLICY);
    BOOST_TEST(static_cast<int>(outcome.tls_alert) == 49);
    BOOST_TEST(outcome.detail.size() == 1024u);
    BOOST_TEST(asked.bench.metric("third_calls") == 0);
    asked.end();
    BOOST_TEST(asked.bench.metric("first_closes") == 1);
    BOOST_TEST(asked.bench.metric("second_closes") == 1);
    BOOST_TEST(asked.bench.metric("third_closes") == 0);
}

BOOST_AUTO_TEST_CASE(errors_exceptions_and_unknown_answers_deny) {
    BOOST_TEST(refusal_of("error") == POSTERN_REASON_PLUGIN_ERROR);
    BOOST_TEST(refusal_of("unknown_code") == POSTERN_REASON_PLUGIN_ERROR);
    BOOST_TEST(refusal_of("throw") == POSTERN_REASON_PLUGIN_ERROR);
    BOOST_TEST(refusal_of("unknown_action") == POSTERN_REASON_PLUGIN_UNKNOWN_ACTION);
}

BOOST_AUTO_TEST_CASE(on_error_allow_goes_on) {
    for (const char* behaviour : {"error", "throw", "unknown_action"}) {
        Asked asked({with(entry("validator_parallel", "x", behaviour),
                          [](auto& made) { made.on_error = config::Answer::allow; })});
        BOOST_TEST(asked.accept().allowed);
    }
}

BOOST_AUTO_TEST_CASE(observed_plugin_is_asked_and_does_not_count) {
    Asked asked({with(entry("validator_parallel", "x", "deny"),
                      [](auto& made) { made.mode = config::Mode::observe; })});
    BOOST_TEST(asked.accept().allowed);
    const auto answers = asked.connection->answers();
    BOOST_REQUIRE(answers.size() == 1u);
    BOOST_TEST(answers[0].observed);
    BOOST_TEST(answers[0].action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(longest_delay_counts_and_a_later_deny_wins) {
    Asked delays({entry("limiter_parallel", "a", "delay", {{"delay", text_node("2s")}}),
                  entry("limiter_parallel", "b", "delay", {{"delay", text_node("5s")}}),
                  entry("limiter_parallel", "c", "delay", {{"delay", text_node("1s")}})});
    const Outcome delayed = delays.accept();
    BOOST_TEST(!delayed.allowed);
    BOOST_TEST(delayed.retry_after_ns == 5'000'000'000u);
    BOOST_TEST(delayed.plugin == "b");
    BOOST_TEST(delayed.reason == POSTERN_REASON_RATE_LIMITED);

    Asked denied({entry("limiter_parallel", "a", "delay", {{"delay", text_node("2s")}}),
                  entry("validator_parallel", "b", "deny")});
    const Outcome outcome = denied.accept();
    BOOST_TEST(outcome.plugin == "b");
    BOOST_TEST(outcome.retry_after_ns == 0u);
}

BOOST_AUTO_TEST_CASE(answer_from_another_thread_goes_on_later_and_once) {
    Asked asked(
        {entry("validator_parallel", "x", "thread"), entry("validator_parallel", "y", "allow")});
    BOOST_TEST(asked.accept().allowed);
    BOOST_TEST(asked.bench.scheduler.timers() == 0u);
    BOOST_TEST(asked.bench.metric("y_calls") == 1);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_closes") == 1);
    BOOST_TEST(asked.later.times == 1);
}

BOOST_AUTO_TEST_CASE(complete_before_the_hook_returns_is_legal) {
    Asked asked({entry("validator_parallel", "x", "before_return")});
    BOOST_TEST(asked.accept().allowed);
    BOOST_TEST(asked.bench.metric("x_accepted") == 1);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_closes") == 1);
}

BOOST_AUTO_TEST_CASE(completing_and_answering_as_well_is_an_error) {
    Asked asked({entry("validator_parallel", "x", "both")});
    const Outcome outcome = asked.accept();
    BOOST_TEST(!outcome.allowed);
    BOOST_TEST(outcome.reason == POSTERN_REASON_PLUGIN_ERROR);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_closes") == 1);
}

BOOST_AUTO_TEST_CASE(second_complete_is_stale_and_counted) {
    Asked asked({entry("validator_parallel", "x", "twice")});
    BOOST_TEST(asked.accept().allowed);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_accepted") == 1);
    BOOST_TEST(asked.bench.metric("x_stale") == 1);
    BOOST_TEST(asked.bench.metric("x_stale_completions_total") == 1);
}

BOOST_AUTO_TEST_CASE(forged_operations_reach_nobody) {
    Asked asked({entry("validator_parallel", "x", "forge")});
    BOOST_TEST(asked.accept().allowed);
    BOOST_TEST(asked.bench.metric("x_stale") == 5);
    BOOST_TEST(asked.bench.metric("x_accepted") == 0);
}

BOOST_AUTO_TEST_CASE(deadline_denies_cancels_once_and_the_late_answer_is_stale) {
    Asked asked({entry("validator_parallel", "x", "after_cancel")});
    BOOST_TEST(!asked.connection->accept(asked.later.done()));
    asked.bench.scheduler.advance(kTimeout - 1);
    BOOST_TEST(!asked.later.outcome);
    asked.bench.scheduler.advance(1);
    BOOST_REQUIRE(asked.later.outcome);
    BOOST_TEST(!asked.later.outcome->allowed);
    BOOST_TEST(asked.later.outcome->reason == POSTERN_REASON_PLUGIN_TIMEOUT);
    BOOST_TEST(asked.bench.metric("x_cancels") == 1);
    BOOST_TEST(asked.bench.metric("x_stale") == 1);
    BOOST_TEST(asked.bench.metric("x_late_completions_total") == 1);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_closes") == 1);
    BOOST_TEST(asked.bench.metric("x_cancels") == 1);
}

BOOST_AUTO_TEST_CASE(late_answer_never_reaches_the_next_connection) {
    Asked asked({entry("validator_parallel", "x", "complete_the_one_before")});
    BOOST_TEST(!asked.connection->accept(asked.later.done()));
    asked.bench.scheduler.advance(kTimeout);
    BOOST_REQUIRE(asked.later.outcome);
    Later second;
    ConnectionPipeline next(asked.pipeline, asked.bench.scheduler, facts(2));
    BOOST_TEST(!next.accept(second.done()));
    asked.bench.scheduler.run_posted();
    BOOST_TEST(!second.outcome);
    BOOST_TEST(asked.bench.metric("x_stale") == 1);
    BOOST_TEST(asked.bench.metric("x_closes") == 0);
    asked.connection.reset();
    BOOST_TEST(asked.bench.metric("x_closes") == 1);
    Later third;
    ConnectionPipeline last(asked.pipeline, asked.bench.scheduler, facts(3));
    BOOST_TEST(!last.accept(third.done()));
    asked.bench.scheduler.run_posted();
    BOOST_REQUIRE(second.outcome);
    BOOST_TEST(second.outcome->allowed);
    // The last one's operation is never completed; it waits for the bound of the retirement.
}

BOOST_AUTO_TEST_CASE(on_timeout_allow_goes_on_to_the_next_plugin) {
    Asked asked({with(entry("validator_parallel", "x", "after_cancel"),
                      [](auto& made) { made.on_timeout = config::Answer::allow; }),
                 entry("validator_parallel", "y", "deny")});
    BOOST_TEST(!asked.connection->accept(asked.later.done()));
    asked.bench.scheduler.advance(kTimeout);
    BOOST_REQUIRE(asked.later.outcome);
    BOOST_TEST(asked.later.outcome->plugin == "y");
}

BOOST_AUTO_TEST_CASE(close_cancels_and_on_close_waits_for_the_last_operation) {
    Asked asked({entry("validator_parallel", "x", "after_cancel")});
    BOOST_TEST(!asked.connection->accept(asked.later.done()));
    asked.connection->close({});
    BOOST_TEST(asked.bench.metric("x_cancels") == 1);
    BOOST_TEST(asked.bench.metric("x_closes") == 0);  // the end comes as a task
    asked.bench.scheduler.run_posted();
    BOOST_TEST(asked.bench.metric("x_closes") == 1);
    BOOST_TEST(asked.later.times == 0);
    asked.bench.scheduler.advance(kTimeout);
    BOOST_TEST(asked.later.times == 0);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_closes") == 1);
}

BOOST_AUTO_TEST_CASE(plugin_that_never_answers_is_overloaded_and_left_to_itself_at_the_end) {
    Asked asked({entry("validator_parallel", "x", "never")});
    std::vector<std::unique_ptr<ConnectionPipeline>> many;
    for (int i = 0; i < 1024; ++i) {
        many.push_back(
            std::make_unique<ConnectionPipeline>(asked.pipeline, asked.bench.scheduler, facts()));
        BOOST_REQUIRE(!many.back()->accept([](Outcome) {}));
    }
    const Outcome outcome = asked.accept();
    BOOST_TEST(!outcome.allowed);
    BOOST_TEST(outcome.reason == POSTERN_REASON_PLUGIN_OVERLOADED);
    BOOST_TEST(asked.bench.metric("x_overloaded_total") == 1);
    BOOST_TEST(asked.bench.metric("x_calls") == 1024);
    many.clear();
    BOOST_TEST(asked.bench.metric("x_cancels") == 1024);
    asked.end();  // after its bound, with the inputs still pinned
    BOOST_TEST(asked.bench.metric("x_closes") == 0);
}

BOOST_AUTO_TEST_CASE(what_a_limiter_gave_is_given_back_once) {
    Asked asked({entry("limiter_parallel", "x", "allow")});
    BOOST_TEST(asked.accept().allowed);
    for (int i = 0; i < 3; ++i) {
        const auto outcome = asked.connection->request(tool_call(), asked.later.done());
        BOOST_REQUIRE(outcome);
        BOOST_TEST(outcome->allowed);
    }
    BOOST_TEST(asked.bench.metric("x_calls") == 4);
    asked.connection->request_finished();
    BOOST_TEST(asked.bench.metric("x_releases") == 1);
    asked.connection->request_finished();
    asked.connection->request_finished();
    asked.connection->request_finished();  // one too many
    BOOST_TEST(asked.bench.metric("x_releases") == 3);
    asked.connection->close({});
    BOOST_TEST(asked.bench.metric("x_releases") == 4);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_releases") == 4);
}

BOOST_AUTO_TEST_CASE(what_was_taken_before_another_plugin_denied_is_given_back) {
    Asked asked(
        {entry("limiter_parallel", "x", "abstain"), entry("validator_parallel", "y", "deny")});
    const auto request = asked.connection->request(tool_call(), asked.later.done());
    BOOST_REQUIRE(request);
    BOOST_TEST(!request->allowed);
    BOOST_TEST(asked.bench.metric("x_releases") == 1);
    BOOST_TEST(!asked.accept().allowed);
    BOOST_TEST(asked.bench.metric("x_releases") == 1);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_releases") == 2);
}

BOOST_AUTO_TEST_CASE(nothing_is_given_back_after_a_deny_an_error_or_a_stale_answer) {
    for (const char* behaviour : {"deny", "error", "after_cancel", "throw"}) {
        Asked asked({entry("limiter_parallel", "x", behaviour)});
        static_cast<void>(asked.connection->accept(asked.later.done()));
        asked.bench.scheduler.advance(kTimeout);
        asked.end();
        BOOST_TEST(asked.bench.metric("x_calls") == 1);
        BOOST_TEST(asked.bench.metric("x_releases") == 0);
    }
}

BOOST_AUTO_TEST_CASE(answer_taken_just_before_the_close_is_given_back) {
    Asked asked({entry("limiter_parallel", "x", "before_return")});
    BOOST_TEST(!asked.connection->accept(asked.later.done()));
    BOOST_TEST(asked.bench.metric("x_accepted") == 1);
    asked.connection->close({});
    asked.end();
    BOOST_TEST(asked.bench.metric("x_releases") == 1);
    BOOST_TEST(asked.later.times == 0);
}

BOOST_AUTO_TEST_CASE(dry_run_asks_no_limiter) {
    Bench bench;
    const auto pipeline = bench.build({entry("limiter_parallel", "x", "deny")});
    auto dry = facts();
    dry.flags |= POSTERN_CALL_DRY_RUN;
    ConnectionPipeline connection(pipeline, bench.scheduler, dry);
    Later later;
    const auto outcome = connection.accept(later.done());
    BOOST_REQUIRE(outcome);
    BOOST_TEST(outcome->allowed);
    BOOST_TEST(bench.metric("x_calls") == 0);
}

BOOST_AUTO_TEST_CASE(unknown_revocation_is_decided_by_failure_mode) {
    const auto ask = [](std::int64_t fact, std::optional<config::Answer> mode, std::size_t length) {
        Asked asked(
            {with(entry("revocation_parallel", "x", "abstain", {{"fact", number_node(fact)}}),
                  [mode](auto& made) { made.failure_mode = mode; })});
        return *asked.connection->peer_certificate(certificate(length), asked.later.done());
    };
    const Outcome unknown = ask(POSTERN_REV_UNKNOWN, std::nullopt, 1);
    BOOST_TEST(!unknown.allowed);
    BOOST_TEST(unknown.reason == POSTERN_REASON_REVOCATION_UNKNOWN);
    BOOST_TEST(!ask(POSTERN_REV_UNKNOWN, config::Answer::deny, 1).allowed);
    BOOST_TEST(ask(POSTERN_REV_UNKNOWN, config::Answer::allow, 1).allowed);
    BOOST_TEST(ask(POSTERN_REV_GOOD, config::Answer::deny, 1).allowed);
    // One fact for two certificates: the second is unknown.
    BOOST_TEST(!ask(POSTERN_REV_GOOD, config::Answer::deny, 2).allowed);
    BOOST_TEST(ask(POSTERN_REV_UNKNOWN, config::Answer::deny, 0).allowed);
    const Outcome revoked = ask(POSTERN_REV_REVOKED, config::Answer::allow, 1);
    BOOST_TEST(!revoked.allowed);
    BOOST_TEST(revoked.reason == POSTERN_REASON_REVOKED);
}

BOOST_AUTO_TEST_CASE(revocation_time_out_is_no_answer) {
    for (const auto mode : {config::Answer::deny, config::Answer::allow}) {
        Asked asked({with(entry("revocation_parallel", "x", "after_cancel"), [mode](auto& made) {
            made.failure_mode = mode;
            made.on_timeout = config::Answer::deny;
        })});
        BOOST_TEST(!asked.connection->peer_certificate(certificate(), asked.later.done()));
        asked.bench.scheduler.advance(kTimeout);
        BOOST_REQUIRE(asked.later.outcome);
        BOOST_TEST(asked.later.outcome->allowed == (mode == config::Answer::allow));
        if (mode == config::Answer::deny) {
            BOOST_TEST(asked.later.outcome->reason == POSTERN_REASON_REVOCATION_UNKNOWN);
        }
    }
}

BOOST_AUTO_TEST_CASE(only_a_pinning_plugin_in_enforce_pins) {
    const auto pinned = [](const char* plugin, const char* behaviour, config::Mode mode) {
        Asked asked(
            {with(entry(plugin, "x", behaviour), [mode](auto& made) { made.mode = mode; })});
        return asked.connection->peer_certificate(certificate(), asked.later.done())->pinned;
    };
    BOOST_TEST(pinned("pinning_parallel", "allow", config::Mode::enforce));
    BOOST_TEST(!pinned("pinning_parallel", "allow", config::Mode::observe));
    BOOST_TEST(!pinned("pinning_parallel", "abstain", config::Mode::enforce));
    BOOST_TEST(!pinned("validator_parallel", "allow", config::Mode::enforce));
}

BOOST_AUTO_TEST_CASE(review_has_no_connection_no_slot_and_no_close) {
    Bench bench;
    auto pipeline = bench.build(
        {entry("validator_parallel", "x", "deny"), entry("pinning_parallel", "y", "allow")});
    Later later;
    const auto outcome =
        review(pipeline, bench.scheduler, POSTERN_CALL_REVIEW, certificate(), later.done());
    BOOST_REQUIRE(outcome);
    BOOST_TEST(!outcome->allowed);
    pipeline.reset();
    bench.settle();
    BOOST_TEST(bench.metric("x_calls") == 1);
    BOOST_TEST(bench.metric("x_closes") == 0);
}

BOOST_AUTO_TEST_CASE(review_that_waits_says_its_outcome_later) {
    Bench bench;
    auto pipeline = bench.build({entry("validator_parallel", "x", "thread")});
    Later later;
    BOOST_TEST(
        !review(pipeline, bench.scheduler, POSTERN_CALL_REVIEW, certificate(), later.done()));
    pipeline.reset();
    BOOST_REQUIRE(bench.scheduler.run_until([&] { return later.outcome.has_value(); }));
    BOOST_TEST(later.outcome->allowed);
    bench.settle();
}

BOOST_AUTO_TEST_CASE(policy_digest_follows_what_decides) {
    Bench bench;
    const auto digest = [&](std::vector<config::PipelineEntry> entries) {
        return *bench.build(std::move(entries))->policy_digest();
    };
    const auto a = entry("validator_parallel", "a", "allow");
    const auto b = entry("pinning_parallel", "b", "allow");
    BOOST_TEST((digest({a, b}) == digest({a, b})));
    BOOST_TEST((digest({a, b}) != digest({b, a})));
    BOOST_TEST((digest({a}) != digest({entry("validator_parallel", "a", "deny")})));
    BOOST_TEST(
        (digest({a}) != digest({with(a, [](auto& made) { made.mode = config::Mode::observe; })})));
    BOOST_TEST((digest({a}) !=
                digest({with(a, [](auto& made) { made.on_timeout = config::Answer::allow; })})));
}

BOOST_AUTO_TEST_CASE(serial_plugin_answers_from_its_own_thread) {
    for (const char* behaviour : {"allow", "thread", "before_return"}) {
        Asked asked({entry("validator_serial", "x", behaviour)});
        BOOST_TEST(asked.accept().allowed);
        asked.end();
        BOOST_TEST(asked.bench.metric("x_calls") == 1);
        BOOST_TEST(asked.bench.metric("x_closes") == 1);
    }
}

BOOST_AUTO_TEST_CASE(serial_plugin_that_throws_or_errs_denies) {
    for (const char* behaviour : {"throw", "error"}) {
        Asked asked({entry("validator_serial", "x", behaviour)});
        BOOST_TEST(asked.accept().reason == POSTERN_REASON_PLUGIN_ERROR);
    }
}

BOOST_AUTO_TEST_CASE(blocked_serial_plugin_times_out_its_own_asks_only) {
    Bench bench;
    auto pipeline = bench.build({entry("validator_serial", "x", "block")});
    auto other = bench.build({entry("validator_parallel", "y", "allow")});
    Later later;
    Later queued;
    auto connection = std::make_unique<ConnectionPipeline>(pipeline, bench.scheduler, facts());
    auto second = std::make_unique<ConnectionPipeline>(pipeline, bench.scheduler, facts(2));
    BOOST_TEST(!connection->accept(later.done()));
    BOOST_TEST(!second->accept(queued.done()));
    BOOST_REQUIRE(bench.scheduler.run_until([&] { return bench.metric("x_calls") == 1; }));
    ConnectionPipeline free(other, bench.scheduler, facts(3));
    const auto outcome = free.accept([](Outcome) {});
    BOOST_REQUIRE(outcome);
    BOOST_TEST(outcome->allowed);
    bench.scheduler.advance(kTimeout);
    BOOST_REQUIRE(later.outcome);
    BOOST_TEST(later.outcome->reason == POSTERN_REASON_PLUGIN_TIMEOUT);
    BOOST_REQUIRE(queued.outcome);
    connection.reset();
    second.reset();
    pipeline.reset();
    bench.settle();  // drain() lets it go
    // The one that timed out in the queue was never asked.
    BOOST_TEST(bench.metric("x_calls") == 1);
    BOOST_TEST(bench.metric("x_closes") == 1);
}

BOOST_AUTO_TEST_CASE(serial_limiter_that_answers_too_late_is_given_back) {
    Asked asked({entry("limiter_serial", "x", "block")});
    BOOST_TEST(!asked.connection->accept(asked.later.done()));
    BOOST_REQUIRE(
        asked.bench.scheduler.run_until([&] { return asked.bench.metric("x_calls") == 1; }));
    asked.bench.scheduler.advance(kTimeout);
    BOOST_TEST(asked.later.outcome->reason == POSTERN_REASON_PLUGIN_TIMEOUT);
    asked.end();
    BOOST_TEST(asked.bench.metric("x_releases") == 1);
}

BOOST_AUTO_TEST_CASE(slow_call_on_a_loop_is_counted_and_a_serial_one_is_not) {
    Asked loop({entry("validator_parallel", "x", "slow")});
    BOOST_TEST(loop.accept().allowed);
    BOOST_TEST(loop.bench.metric("x_slow_calls_total") == 1);
    Asked serial({entry("validator_serial", "y", "slow")});
    BOOST_TEST(serial.accept().allowed);
    BOOST_TEST(serial.bench.metric("y_slow_calls_total") == 0);
}

BOOST_AUTO_TEST_CASE(per_loop_plugin_has_an_instance_for_each_loop_and_no_more) {
    Bench bench;
    bench.environment.set_loops(2);
    const auto pipeline = bench.build({entry("validator_per_loop", "x", "allow")});
    ManualScheduler second;
    ManualScheduler third;
    const auto allowed = [&](Scheduler& scheduler) {
        ConnectionPipeline connection(pipeline, scheduler, facts());
        return connection.accept([](Outcome) {})->allowed;
    };
    BOOST_TEST(allowed(bench.scheduler));
    BOOST_TEST(allowed(second));
    BOOST_TEST(!allowed(third));
    BOOST_TEST(allowed(bench.scheduler));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
