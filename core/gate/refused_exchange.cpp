#include "core/gate/refused_exchange.h"

#include <utility>

namespace postern::gate {

RefusedExchange::RefusedExchange(Refusal refusal, RefusedParts parts, net::Caller& caller,
                                 net::ResponseStream& response)
    : refusal_(std::move(refusal)),
      parts_(std::move(parts)),
      caller_(caller),
      response_(response),
      self_(std::make_shared<RefusedExchange*>(this)) {}

RefusedExchange::~RefusedExchange() {
    *self_ = nullptr;
}

void RefusedExchange::start() {
    if (!caller_.pipeline_wants_requests()) return answer(refusal_);
    auto outcome =
        caller_.pipeline().request(question(), [self = self_](const plugin::Outcome& late) {
            if (*self != nullptr) (*self)->take(late);
        });
    if (outcome) take(*outcome);
}

std::shared_ptr<const plugin::Request> RefusedExchange::question() const {
    auto question = std::make_shared<plugin::Request>();
    question->route = parts_.route;
    question->path = parts_.request->path;
    question->http_method = parts_.request->method;
    question->identity = caller_.identity().name;
    question->body_size = parts_.request->body.size();
    question->peer = caller_.chain();
    if (const mcp::Message* message = spokesman(parts_.messages)) {
        question->era = message->era;
        question->method = message->method;
        question->name = message->name;
        question->name_kind = message->name_kind;
    }
    return question;
}

void RefusedExchange::take(const plugin::Outcome& outcome) {
    if (outcome.allowed) {
        caller_.pipeline().request_finished();
        return answer(refusal_);
    }
    Refusal refusal(outcome.reason, outcome.detail);
    refusal.plugin = outcome.plugin;
    refusal.retry_after_ns = outcome.retry_after_ns;
    answer(refusal);
}

void RefusedExchange::answer(const Refusal& refusal) {
    finished_ = true;
    RefusedRequest refused = refused_request(parts_.route, spokesman(parts_.messages));
    if (!parts_.id.empty()) refused.id = parts_.id;
    refuse(refusal, refused, parts_.contact, caller_, response_);
}

}  // namespace postern::gate
