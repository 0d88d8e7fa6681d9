#include "core/gate/routed_exchange.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/gate/token_binding.h"
#include "core/gate/token_parameter.h"
#include "core/gate/upstream_request.h"
#include "core/mcp/modern_request.h"

namespace postern::gate {
namespace {

constexpr std::string_view kSession = "Mcp-Session-Id";

std::string owner_text(const tls::Identity& owner) {
    return owner.empty() ? std::string("callers without a certificate")
                         : "\"" + owner.name + "\" under anchor " + owner.anchor;
}

}  // namespace

RoutedExchange::RoutedExchange(RouteTable::Place place, net::RequestRef request,
                               mcp::Messages messages, net::Caller& caller,
                               net::ResponseStream& response)
    : place_(std::move(place)),
      request_(std::move(request)),
      messages_(std::move(messages)),
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

void RoutedExchange::start() {
    if (caller_.pipeline_wants_requests()) {
        questions_ = std::max<std::size_t>(messages_.all.size(), 1);
    }
    // Plugins come before what may be guessed at, so that limiters count the guesses.
    find_session();
    advance();
}

void RoutedExchange::find_session() {
    // The newer era has no sessions and its servers ignore the id. It stays behind.
    if (session().empty() || modern()) return;
    session_ = target().sessions->find(session(), caller_.identity());
    own_session_ = session_.standing == SessionOwners::Standing::own;
}

// An id that the gate does not know may be anybody's: after a restart of the gate it cannot say
// whose, and to believe the first who comes would be to give sessions away. 404 is what clients
// begin anew on, also where it comes with initialize (MCP 2025-11-25, session management).
bool RoutedExchange::check_session() {
    if (own_session_ || session().empty() || modern()) return true;
    if (session_.standing == SessionOwners::Standing::unknown) {
        refuse({POSTERN_REASON_SESSION_UNKNOWN,
                "the session was not given through this gate since "
                "it started, or has ended"});
    } else {
        refuse({POSTERN_REASON_SESSION_FOREIGN,
                "the session belongs to " + owner_text(session_.owner)});
    }
    return false;
}

bool RoutedExchange::check_token() {
    const bool verify = target().route.bound_tokens == config::BoundTokens::verify;
    const bool pass = target().route.authorization.kind == config::Authorization::Kind::pass;
    if ((verify || !pass) && has_token_parameter(*request_)) {
        refuse({verify ? POSTERN_REASON_TOKEN_NOT_BOUND : POSTERN_REASON_REQUEST_MALFORMED,
                "a token in a parameter (access_token), past the route's rules for Authorization"});
        return false;
    }
    if (!verify) return true;
    const auto authorization = request_->headers.find("Authorization");
    if (!authorization) return true;  // whether there has to be a token is the upstream's to say
    const tls::ChainRef chain = caller_.chain();
    const bool known = chain && chain->size() > 0;
    auto bound = check_token_binding(*authorization, known ? &chain->leaf().sha256 : nullptr);
    if (!bound) refuse({POSTERN_REASON_TOKEN_NOT_BOUND, bound.error().message});
    return bound.ok();
}

void RoutedExchange::advance() {
    while (next_ < questions_) {
        auto outcome =
            caller_.pipeline().request(question(), [self = self_](const plugin::Outcome& answer) {
                RoutedExchange* const exchange = *self;
                if (exchange != nullptr && exchange->take(answer)) exchange->advance();
            });
        if (!outcome) return;
        if (!take(*outcome)) return;
    }
    pass_on();
}

std::shared_ptr<const plugin::Request> RoutedExchange::question() const {
    auto request = std::make_shared<plugin::Request>();
    request->route = target().route.name;
    request->route_path = target().route.path;
    request->path = request_->path;
    request->http_method = request_->method;
    request->identity = caller_.identity().name;
    if (own_session_) request->session = session();
    request->body_size = request_->body.size();
    request->peer = caller_.chain();
    if (next_ < messages_.all.size()) {
        const mcp::Message& message = messages_.all[next_];
        request->era = message.era;
        request->method = message.method;
        request->name = message.name;
        request->name_kind = message.name_kind;
    }
    return request;
}

bool RoutedExchange::take(const plugin::Outcome& outcome) {
    if (!outcome.allowed) {
        Refusal refusal(outcome.reason, outcome.detail);
        refusal.plugin = outcome.plugin;
        refusal.retry_after_ns = outcome.retry_after_ns;
        refuse(refusal, next_ < messages_.all.size() ? &messages_.all[next_] : nullptr);
        return false;
    }
    ++next_;
    ++taken_;
    return true;
}

// A server, or what balances for it, may believe the headers; policy was asked about the body.
// Where the gate is the MCP server's HTTP side it says so itself, by the rules of the era.
bool RoutedExchange::check_header_claims() {
    if (!std::holds_alternative<config::Http>(target().route.upstream)) return true;
    auto fault = mcp::check_header_claims(request_->headers, messages_);
    if (!fault) return true;
    Refusal refusal(POSTERN_REASON_REQUEST_MALFORMED, fault->message);
    refusal.fault = std::move(fault);
    refuse(refusal);
    return false;
}

void RoutedExchange::pass_on() {
    if (!check_session() || !check_token() || !check_header_claims()) return;
    const bool stays_behind = !own_session_ && !session().empty();
    auto request = request_for_upstream(std::move(request_), place_,
                                        stays_behind ? Session::drop : Session::keep, caller_);
    if (!request) {
        refuse({POSTERN_REASON_HEADER_TOO_LARGE, request.error().message});
        return;
    }
    request_ = std::move(*request);
    upstream_ = target().upstream->handle(request_, caller_, *this);
    if (!upstream_) finished_ = true;
}

void RoutedExchange::head(const net::HttpResponseHead& head, std::optional<std::uint64_t> length) {
    if (finished_) return;
    if (auto fault = note_session(head)) {
        refuse({POSTERN_REASON_UPSTREAM_MALFORMED, std::move(*fault)});
        return;
    }
    head_sent_ = true;
    response_.head(head, length);
    event_stream_ = head.headers.find("Content-Type").value_or("").starts_with("text/event-stream");
    open_stream_ = event_stream_ && request_->method == "GET";
    if (open_stream_ && target().standing->grace_ns()) end_stream();
}

void RoutedExchange::on_rules_changed() {
    const std::optional<std::uint64_t> grace = target().standing->grace_ns();
    if (!grace || finished_) return;
    if (open_stream_) return end_stream();
    net::Loop& loop = caller_.loop();
    loop.run_at(loop.now_ns() + *grace, [self = self_] {
        if (*self == nullptr) return;
        net::Caller& caller = (*self)->caller_;
        caller.run_turn([&] { (*self)->give_up(); });
    });
}

void RoutedExchange::end_stream() {
    finished_ = true;
    response_.finish();
}

void RoutedExchange::give_up() {
    if (finished_) return;
    if (event_stream_) return end_stream();
    fail(POSTERN_REASON_SHUTDOWN, "a reload ended its route, and drain_timeout is over");
}

// A session ends where the route's own endpoint says so. What is not found does not end it: many a
// server answers 404 to a GET alone, or on paths beside.
std::optional<std::string> RoutedExchange::note_session(const net::HttpResponseHead& head) {
    if (own_session_ && request_->method == "DELETE" && head.status / 100 == 2 &&
        request_->path == target().route.path) {
        target().sessions->forget(session(), caller_.identity());
        return std::nullopt;
    }
    const auto given = head.headers.find(kSession);
    if (!given || given->empty() || head.status >= 400 || modern()) return std::nullopt;
    if (own_session_ && *given == session()) return std::nullopt;  // said with every answer
    if (target().sessions->bind(*given, caller_.identity())) return std::nullopt;
    // Its client would hear 404 with the next request, begin anew, and so without end.
    return given->size() > SessionOwners::kMaxLength
               ? "the server gave a session id that is too long to be remembered"
               : "the server gave a session id that belongs to another identity";
}

void RoutedExchange::fail(Reason reason, std::string detail) {
    if (finished_) return;
    if (head_sent_) {
        response_.fail(reason, std::move(detail));
    } else {
        refuse({reason, std::move(detail)});
    }
}

void RoutedExchange::refuse(const Refusal& refusal, const mcp::Message* about) {
    finished_ = true;
    head_sent_ = true;
    if (about == nullptr) about = spokesman(messages_);
    gate::refuse(refusal, refused_request(target().route.name, about), target().contact, caller_,
                 response_);
}

bool RoutedExchange::modern() const {
    return messages_.all.size() == 1 && messages_.all.front().era == POSTERN_ERA_MODERN;
}

std::string_view RoutedExchange::session() const {
    return request_->headers.find(kSession).value_or("");
}

}  // namespace postern::gate
