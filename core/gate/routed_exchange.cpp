#include "core/gate/routed_exchange.h"

#include <algorithm>

#include "core/base/log.h"
#include "core/mcp/error_body.h"

namespace postern::gate {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

RoutedExchange::RoutedExchange(std::shared_ptr<const RouteTarget> target, net::RequestRef request,
                               std::vector<Question> questions, net::Caller& caller,
                               net::ResponseStream& response)
    : target_(std::move(target)),
      request_(std::move(request)),
      questions_(std::move(questions)),
      caller_(caller),
      response_(response),
      self_(std::make_shared<RoutedExchange*>(this)) {}

RoutedExchange::~RoutedExchange() {
    *self_ = nullptr;
    upstream_.reset();
    for (; taken_ > 0; --taken_) caller_.pipeline().request_finished();
}

void RoutedExchange::on_writable() {
    if (upstream_) upstream_->on_writable();
}

void RoutedExchange::advance() {
    while (next_ < questions_.size()) {
        auto outcome = caller_.pipeline().request(
            questions_[next_].request, [self = self_](const plugin::Outcome& answer) {
                RoutedExchange* const exchange = *self;
                if (exchange != nullptr && exchange->take(answer)) exchange->advance();
            });
        if (!outcome) return;
        if (!take(*outcome)) return;
    }
    pass_on();
}

bool RoutedExchange::take(const plugin::Outcome& outcome) {
    const Question& question = questions_[next_++];
    if (!outcome.allowed) {
        refuse(outcome, question);
        return false;
    }
    ++taken_;
    return true;
}

// The caller learns the status and no more; JSON-RPC error codes of the reserved ranges are the
// server's, so the code is the reason's number.
void RoutedExchange::refuse(const plugin::Outcome& outcome, const Question& question) {
    const ReasonRow& row = reason_row(outcome.reason);
    log::write(LogLevel::notice, "gate", "request refused",
               {{"listener", caller_.listener()},
                {"peer", endpoint_text(caller_.peer())},
                {"identity", caller_.identity().name},
                {"route", target_->route.name},
                {"method", question.request->method},
                {"name", question.request->name},
                {"reason", row.name},
                {"plugin", outcome.plugin},
                {"detail", outcome.detail}});
    net::HttpResponseHead head;
    head.status = row.http_status == 0 ? 403 : row.http_status;
    if (outcome.retry_after_ns > 0) {
        head.headers.add("Retry-After",
                         std::to_string((outcome.retry_after_ns + kNanosecondsPerSecond - 1) /
                                        kNanosecondsPerSecond));
    }
    std::string body;
    if (!question.id.empty()) {
        head.headers.add("Content-Type", "application/json");
        body = mcp::json_rpc_error(question.id, static_cast<int>(outcome.reason),
                                   net::usual_reason_phrase(head.status));
    }
    finished_ = true;
    response_.head(head, body.size());
    response_.body(body);
    response_.finish();
}

void RoutedExchange::pass_on() {
    upstream_ = target_->upstream->handle(request_, caller_, response_);
    finished_ = upstream_ == nullptr;
}

}  // namespace postern::gate
