#include <utility>

#include "core/base/endpoint.h"
#include "core/base/log.h"
#include "core/plugin/connection_state.h"

// One phase, from the first plugin to the outcome: ask, wait where a plugin waits, judge, go on.
namespace postern::plugin {

std::optional<Outcome> ConnectionPipeline::State::ask_phase(std::shared_ptr<AskInput> input,
                                                            Done done) {
    if (closed_ || waiting_) {  // a fault of the caller's; nothing may pass by it
        Outcome refused;
        refused.allowed = false;
        refused.reason = POSTERN_REASON_PLUGIN_ERROR;
        refused.detail = closed_ ? "asked after the end of the connection"
                                 : "asked while another question is open";
        return refused;
    }
    input_ = std::move(input);
    step_ = 0;
    outcome_ = {};
    done_ = std::move(done);
    auto outcome = advance();
    if (outcome) done_ = nullptr;
    return outcome;
}

std::optional<Outcome> ConnectionPipeline::State::advance() {
    const std::vector<Step>& steps = plan_->steps(input_->phase);
    const bool dry_run = (facts_.flags & POSTERN_CALL_DRY_RUN) != 0;
    for (; step_ < steps.size(); ++step_) {
        const Step& step = steps[step_];
        if (dry_run && step.kind == AskKind::limiter) continue;
        const auto resolution = ask(step);
        if (!resolution) return std::nullopt;
        if (apply(step, *resolution) == Verdict::refused) break;
    }
    return finish();
}

// Empty: the plugin waits.
std::optional<Resolution> ConnectionPipeline::State::ask(const Step& step) {
    Seat& seat = seats_[step.entry];
    if (seat.instance == nullptr || !seat.instance->started()) {
        return resolve_failure(plan_->entries[step.entry].settings, POSTERN_REASON_PLUGIN_ERROR,
                               "the plugin has no instance for this loop, or is not started");
    }
    std::shared_ptr<Ask> ask = prepare(step, seat);
    return seat.instance->serial() != nullptr ? ask_elsewhere(step, seat, std::move(ask))
                                              : ask_here(step, seat, std::move(ask));
}

std::shared_ptr<Ask> ConnectionPipeline::State::prepare(const Step& step, Seat& seat) {
    std::shared_ptr<Ask> ask = spare_ask_ ? std::move(spare_ask_) : std::make_shared<Ask>();
    const config::PipelineEntry& settings = plan_->entries[step.entry].settings;
    const std::uint64_t now = scheduler_.now_ns();
    const std::uint64_t left = UINT64_MAX - now;

    ask->call.struct_size = sizeof ask->call;
    ask->call.flags = facts_.flags;
    if (settings.mode == config::Mode::observe) ask->call.flags |= POSTERN_CALL_OBSERVED;
    ask->call.deadline_ns = now + (settings.timeout_ns < left ? settings.timeout_ns : left);
    ask->call.conn = facts_.connection;
    ask->call.peer = facts_.peer;
    ask->call.local = facts_.local;
    const std::string& listener = seat.instance->handle().context.listener;
    ask->call.listener = {listener.data(), listener.size()};
    ask->call.slot = purpose_ == Purpose::review ? nullptr : &seat.slot;
    ask->verdict = {};
    ask->verdict.struct_size = sizeof ask->verdict;
    ask->input = input_;
    ask->owner = this;
    ask->scheduler = &scheduler_;
    ask->entry = step.entry;
    ask->kind = step.kind;
    ask->sequence = ++sequence_;
    ask->hook_ran.store(false, std::memory_order_relaxed);
    broken_ = false;
    if (!seat.began) {
        seat.began = true;
        seat.instance->connection_began();
    }
    return ask;
}

// On this thread. The table holds the ask meanwhile: complete() may come before the hook returns.
std::optional<Resolution> ConnectionPipeline::State::ask_here(const Step& step, Seat& seat,
                                                              std::shared_ptr<Ask> ask) {
    Ask& asked = *ask;
    OpTable& operations = seat.instance->handle().operations;
    const postern_op op = operations.begin(ask);
    if (op == 0) return overloaded(step, seat);
    asked.call.op = op;
    const std::uint64_t deadline_ns = asked.call.deadline_ns;
    seat.asked = true;
    const postern_rc rc = seat.instance->ask(asked, &asked.verdict);
    if (rc == POSTERN_PENDING) {
        // If complete() was faster, its answer comes as a task, too.
        operations.pend(op);
    } else if (std::shared_ptr<Ask> ended = operations.end(op)) {
        CopiedVerdict verdict;
        if (rc == POSTERN_OK) verdict = copy_verdict(&ended->verdict, input_->chain_length);
        ended->input.reset();
        spare_ask_ = std::move(ended);
        return judge(step, rc, std::move(verdict));
    } else {
        broken_ = true;
        seat.instance->handle().misbehaves(
            "it completed an operation and answered the call as well");
    }
    await(seat, op, deadline_ns);
    return std::nullopt;
}

// On the instance's own thread, which may be busy past the deadline; then it is not asked at all.
std::optional<Resolution> ConnectionPipeline::State::ask_elsewhere(const Step& step, Seat& seat,
                                                                   std::shared_ptr<Ask> ask) {
    const std::shared_ptr<Ask> pinned = ask;
    Instance* instance = seat.instance;
    OpTable& operations = instance->handle().operations;
    const postern_op op = operations.begin(ask);
    if (op == 0) return overloaded(step, seat);
    pinned->call.op = op;
    input_->escaped = true;
    operations.pend(op);
    const bool queued = instance->serial()->try_post([instance, op, pinned] {
        HostHandle& handle = instance->handle();
        if (!handle.operations.wanted(op)) {
            deliver(handle, op, POSTERN_E_STALE, nullptr);
            return;
        }
        pinned->hook_ran.store(true, std::memory_order_relaxed);
        postern_verdict verdict{};
        verdict.struct_size = sizeof verdict;
        const postern_rc rc = instance->ask(*pinned, &verdict);
        if (rc == POSTERN_PENDING) return;
        const bool gives = pinned->kind == AskKind::limiter && rc == POSTERN_OK &&
                           verdict.action <= POSTERN_ACTION_ALLOW;
        // Nobody tells a hook that answers by itself that it came too late, so what it has given
        // by then is given back.
        if (deliver(handle, op, rc, &verdict) == POSTERN_E_STALE && gives) {
            instance->release(pinned->call, pinned->input->quota);
        }
    });
    if (!queued) {
        static_cast<void>(operations.complete(op));
        return overloaded(step, seat);
    }
    await(seat, op, pinned->call.deadline_ns);
    return std::nullopt;
}

void ConnectionPipeline::State::await(Seat& seat, postern_op op, std::uint64_t deadline_ns) {
    input_->escaped = true;
    ++seat.outstanding;
    hold();
    waiting_ = true;
    waiting_for_ = op;
    timer_ =
        scheduler_.run_at(deadline_ns, [this, sequence = sequence_] { on_deadline(sequence); });
}

void ConnectionPipeline::State::on_deadline(std::uint64_t sequence) {
    if (!waiting_ || sequence != sequence_) return;
    timer_ = 0;
    const Step step = plan_->steps(input_->phase)[step_];
    Instance& instance = *seats_[step.entry].instance;
    // Answered just now: the answer is on its way to this thread and counts.
    if (!instance.handle().operations.decide(waiting_for_)) return;
    const std::shared_ptr<State> guard = shared_from_this();
    instance.handle().count(instance.handle().counters.timeouts);
    instance.cancel(waiting_for_);
    resume(resolve_timeout(plan_->entries[step.entry].settings, step.kind));
}

void ConnectionPipeline::State::on_ended(const Ask& ask) {
    const std::shared_ptr<State> guard = shared_from_this();
    if (ask.hook_ran.load(std::memory_order_relaxed)) seats_[ask.entry].asked = true;
    if (!ask.late && waiting_ && ask.sequence == sequence_) {
        scheduler_.cancel(std::exchange(timer_, 0));
        const Step step = plan_->steps(input_->phase)[step_];
        const postern_rc rc = broken_ ? POSTERN_E_INTERNAL : ask.rc;
        resume(judge(step, rc, ask.answer));
    } else if (!ask.late && ask.kind == AskKind::limiter && ask.rc == POSTERN_OK &&
               ask.answer.action <= POSTERN_ACTION_ALLOW) {
        // It was told OK and the connection closed before that came here: taken, so given back.
        taken_.push_back({ask.entry, 0, ask.input});
    }
    one_ended(ask.entry);
}

void ConnectionPipeline::State::resume(const Resolution& resolution) {
    waiting_ = false;
    const Step& step = plan_->steps(input_->phase)[step_];
    std::optional<Outcome> outcome;
    if (apply(step, resolution) == Verdict::refused) {
        outcome = finish();
    } else {
        ++step_;
        outcome = advance();
    }
    if (!outcome) return;
    const Done done = std::exchange(done_, nullptr);
    if (purpose_ == Purpose::review) close({});
    if (done) done(std::move(*outcome));
}

// A refusal ends the phase, but for a DELAY: the longest of all counts.
ConnectionPipeline::State::Verdict ConnectionPipeline::State::apply(const Step& step,
                                                                    const Resolution& resolution) {
    Seat& seat = seats_[step.entry];
    // Abstaining in a later phase does not wipe out what was said before.
    if (resolution.action != POSTERN_ACTION_ABSTAIN || seat.phase == 0 ||
        seat.phase == input_->phase) {
        seat.phase = input_->phase;
        seat.action = resolution.action;
        seat.reason = resolution.reason;
    }
    if (step.kind == AskKind::revocation) seat.facts = resolution.facts;
    if (resolution.taken) {
        const bool request = input_->phase == POSTERN_PHASE_REQUEST;
        keep_taken(step.entry, request ? requests_begun_ + 1 : 0);
    }
    const config::PipelineEntry& settings = plan_->entries[step.entry].settings;
    if (settings.mode == config::Mode::observe) {
        say_observed(settings, resolution);
        return Verdict::go_on;
    }
    if (step.kind == AskKind::pinning && resolution.action == POSTERN_ACTION_ALLOW) {
        outcome_.pinned = true;
    }
    const bool denied = resolution.action == POSTERN_ACTION_DENY;
    const bool delayed = resolution.action == POSTERN_ACTION_DELAY &&
                         (outcome_.allowed || resolution.delay_ns > outcome_.retry_after_ns);
    if (!denied && !delayed) return Verdict::go_on;
    outcome_.allowed = false;
    outcome_.reason = resolution.reason;
    outcome_.tls_alert = resolution.tls_alert;
    outcome_.retry_after_ns = denied ? 0 : resolution.delay_ns;
    outcome_.plugin = settings.short_name;
    outcome_.detail = resolution.detail;
    return denied ? Verdict::refused : Verdict::go_on;
}

// What an entry would have done is what it is observed for.
void ConnectionPipeline::State::say_observed(const config::PipelineEntry& settings,
                                             const Resolution& resolution) const {
    if (resolution.action != POSTERN_ACTION_DENY && resolution.action != POSTERN_ACTION_DELAY) {
        return;
    }
    log::write(LogLevel::notice, "pipeline", "would have refused",
               {{"listener", plan_->listener},
                {"peer", endpoint_text(facts_.peer)},
                {"plugin", settings.short_name},
                {"mode", "observe"},
                {"reason", reason_row(resolution.reason).name},
                {"detail", resolution.detail}});
}

Outcome ConnectionPipeline::State::finish() {
    if (input_->phase == POSTERN_PHASE_REQUEST) {
        // A refused request ends here: nobody will say that it finished.
        if (outcome_.allowed)
            ++requests_begun_;
        else
            release_request(requests_begun_ + 1);
    }
    if (purpose_ == Purpose::review) outcome_.answers = answers();
    if (!input_->escaped && input_.use_count() == 1) spare_input_ = std::move(input_);
    input_.reset();
    return std::move(outcome_);
}

Resolution ConnectionPipeline::State::judge(const Step& step, postern_rc rc,
                                            CopiedVerdict verdict) {
    Resolution resolution = resolve(plan_->entries[step.entry].settings, step.kind, rc,
                                    std::move(verdict), input_->chain_length);
    if (resolution.failed) {
        HostHandle& handle = seats_[step.entry].instance->handle();
        handle.count(handle.counters.errors);
        handle.misbehaves(resolution.detail);
    }
    return resolution;
}

Resolution ConnectionPipeline::State::overloaded(const Step& step, Seat& seat) {
    HostHandle& handle = seat.instance->handle();
    handle.count(handle.counters.overloaded);
    return resolve_failure(plan_->entries[step.entry].settings, POSTERN_REASON_PLUGIN_OVERLOADED,
                           "too many of the plugin's operations are outstanding");
}

}  // namespace postern::plugin
