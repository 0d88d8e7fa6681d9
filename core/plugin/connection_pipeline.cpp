#include <utility>

#include "core/plugin/connection_state.h"

namespace postern::plugin {
namespace {

template <class State, class Input>
std::optional<Outcome> ask(State& state, std::uint32_t phase, std::shared_ptr<const Input> shown,
                           ConnectionPipeline::Done done) {
    if (!state.wants(phase)) return Outcome{};
    std::shared_ptr<AskInput> input = state.new_input();
    show(*input, std::move(shown), state.quota());
    return state.ask_phase(std::move(input), std::move(done));
}

}  // namespace

ConnectionPipeline::State::State(std::shared_ptr<const Pipeline> pipeline, Scheduler& scheduler,
                                 Facts facts, Purpose purpose)
    : pipeline_(std::move(pipeline)),
      plan_(pipeline_->state()),
      scheduler_(scheduler),
      facts_(std::move(facts)),
      purpose_(purpose),
      seats_(plan_->entries.size()) {
    if (plan_->role == Role::server) facts_.flags |= POSTERN_CONN_INBOUND;
    for (std::size_t entry = 0; entry < seats_.size(); ++entry) {
        seats_[entry].instance = plan_->instance_for(entry, scheduler_);
    }
}

std::shared_ptr<AskInput> ConnectionPipeline::State::new_input() {
    if (!spare_input_) return std::make_shared<AskInput>();
    return std::move(spare_input_);
}

Quota ConnectionPipeline::State::quota() const {
    return plan_->limits() ? Quota::wanted : Quota::unwanted;
}

std::vector<Answer> ConnectionPipeline::State::answers() const {
    std::vector<Answer> answers;
    for (std::size_t entry = 0; entry < seats_.size(); ++entry) {
        const Seat& seat = seats_[entry];
        if (seat.phase == 0) continue;
        const config::PipelineEntry& settings = plan_->entries[entry].settings;
        answers.push_back({settings.short_name, seat.phase, seat.action, seat.reason,
                           settings.mode == config::Mode::observe, seat.facts});
    }
    return answers;
}

void ConnectionPipeline::State::take_over(const std::vector<Answer>& answers) {
    for (const Answer& answer : answers) {
        for (std::size_t entry = 0; entry < seats_.size(); ++entry) {
            Seat& seat = seats_[entry];
            if (seat.phase != 0 || plan_->entries[entry].settings.short_name != answer.plugin) {
                continue;
            }
            seat.phase = answer.phase;
            seat.action = answer.action;
            seat.reason = answer.reason;
            seat.facts = answer.facts;
            break;
        }
    }
}

ConnectionPipeline::ConnectionPipeline(std::shared_ptr<const Pipeline> pipeline,
                                       Scheduler& scheduler, Facts facts)
    : state_(std::make_shared<State>(std::move(pipeline), scheduler, std::move(facts),
                                     Purpose::connection)) {}

ConnectionPipeline::~ConnectionPipeline() {
    state_->close({POSTERN_REASON_FINISHED, 0, 0, 0});
}

std::optional<Outcome> ConnectionPipeline::accept(Done done) {
    if (!state_->wants(POSTERN_PHASE_ACCEPT)) return Outcome{};
    std::shared_ptr<AskInput> input = state_->new_input();
    show_accept(*input, state_->facts().peer, state_->quota());
    return state_->ask_phase(std::move(input), std::move(done));
}

std::optional<Outcome> ConnectionPipeline::client_hello(
    std::shared_ptr<const tls::ClientHello> hello, Done done) {
    return ask(*state_, POSTERN_PHASE_CLIENT_HELLO, std::move(hello), std::move(done));
}

std::optional<Outcome> ConnectionPipeline::peer_certificate(
    std::shared_ptr<const PeerCertificate> certificate, Done done) {
    if (certificate->verified) state_->set_verified();
    return ask(*state_, POSTERN_PHASE_PEER_CERTIFICATE, std::move(certificate), std::move(done));
}

std::optional<Outcome> ConnectionPipeline::established(std::shared_ptr<const Established> session,
                                                       Done done) {
    return ask(*state_, POSTERN_PHASE_ESTABLISHED, std::move(session), std::move(done));
}

std::optional<Outcome> ConnectionPipeline::request(std::shared_ptr<const Request> request,
                                                   Done done) {
    return ask(*state_, POSTERN_PHASE_REQUEST, std::move(request), std::move(done));
}

void ConnectionPipeline::request_finished() {
    state_->request_finished();
}
bool ConnectionPipeline::asking() const {
    return state_->waiting();
}
void ConnectionPipeline::set_resumed() {
    state_->set_resumed();
}
void ConnectionPipeline::close(const Close& info) {
    state_->close(info);
}
std::vector<Answer> ConnectionPipeline::answers() const {
    return state_->answers();
}

void ConnectionPipeline::take_over(const std::vector<Answer>& answers) {
    state_->take_over(answers);
}

std::optional<Outcome> review(const std::shared_ptr<const Pipeline>& pipeline, Scheduler& scheduler,
                              std::uint32_t flags,
                              std::shared_ptr<const PeerCertificate> certificate,
                              ConnectionPipeline::Done done) {
    ConnectionPipeline::Facts facts;
    facts.flags = flags | (certificate->verified ? POSTERN_CONN_VERIFIED : 0u);
    const auto state = std::make_shared<ConnectionPipeline::State>(
        pipeline, scheduler, std::move(facts), Purpose::review);
    auto outcome =
        ask(*state, POSTERN_PHASE_PEER_CERTIFICATE, std::move(certificate), std::move(done));
    if (outcome) state->close({});
    return outcome;
}

}  // namespace postern::plugin
