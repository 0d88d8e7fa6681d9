#include "core/upstream/stdio/request.h"

#include <utility>

#include "core/base/log.h"
#include "core/mcp/error_body.h"
#include "core/mcp/transport_rules.h"
#include "core/upstream/stdio/session.h"
#include "core/upstream/stdio/shared.h"

namespace postern::upstream {
namespace {

std::string key_of(const net::Caller& caller) {
    return caller.identity().name + '\n' + caller.identity().anchor;
}

StdioMessage older_message(const mcp::MessageOutline& outline) {
    StdioMessage message = message_of(outline);
    message.line = outline.one_line();
    return message;
}

mcp::RequestFault long_id() {
    return {400,
            mcp::kInvalidRequest,
            "Invalid Request: an id or progress token is longer than " +
                std::to_string(kMaxIdBytes) + " bytes",
            {}};
}

bool starts_array(std::string_view body) {
    const std::size_t at = body.find_first_not_of(" \t\r\n");
    return at != std::string_view::npos && body[at] == '[';
}

// Null once it has answered, as Upstream::handle() wants it.
std::unique_ptr<net::Exchange> unless_finished(std::unique_ptr<StdioExchange> exchange) {
    if (exchange->finished()) return nullptr;
    return exchange;
}

}  // namespace

std::unique_ptr<net::Exchange> StdioRequest::dispatch() {
    if (request_.method == "POST") return post();
    if (request_.method == "GET") return get();
    if (request_.method == "DELETE") return remove();
    return reply(kOtherMethod);
}

StdioRequest::Answer StdioRequest::post() {
    if (const auto fault = mcp::check_content(request_)) return reply(*fault, {});
    if (starts_array(request_.body)) return post_batch();
    const auto outline = mcp::MessageOutline::read(request_.body, mcp::Sender::client);
    if (!outline) {
        return reply({400, mcp::kInvalidRequest, "Invalid Request: " + outline.error().message, {}},
                     {});
    }
    if (has_long_id(*outline)) return reply(long_id(), {});
    if (mcp::is_modern(request_, outline->message())) return to_shared(*outline);
    if (const auto fault = mcp::check_legacy_accept(request_)) return reply(*fault, {});
    if (outline->method() == "initialize" && outline->kind() == mcp::MessageKind::request) {
        return initialize(*outline);
    }
    std::vector<StdioMessage> messages;
    messages.push_back(older_message(*outline));
    return to_session(std::move(messages));
}

StdioRequest::Answer StdioRequest::post_batch() {
    if (const auto fault = mcp::check_legacy_accept(request_)) return reply(*fault, {});
    const auto elements = mcp::batch_elements(request_.body);
    if (!elements || !*elements) {
        const std::string why = elements ? "not a batch" : elements.error().message;
        return reply({400, mcp::kInvalidRequest, "Invalid Request: " + why, {}}, {});
    }
    std::vector<StdioMessage> messages;
    for (const std::string_view element : **elements) {
        const auto outline = mcp::MessageOutline::read(element, mcp::Sender::client);
        if (!outline) {
            return reply(
                {400, mcp::kInvalidRequest, "Invalid Request: " + outline.error().message, {}}, {});
        }
        if (has_long_id(*outline)) return reply(long_id(), {});
        if (outline->method() == "initialize") return reply(kInitializeInBatch);
        messages.push_back(older_message(*outline));
    }
    return to_session(std::move(messages));
}

// A stale session id beside it means nothing: the client asks for a new session, and gets one.
StdioRequest::Answer StdioRequest::initialize(const mcp::MessageOutline& outline) {
    if (session()) return reply(kAlreadyInitialized);
    auto opened = backend_.open_session(caller_);
    if (const auto* refusal = std::get_if<StdioRefusal>(&opened)) {
        return refuse(*refusal, outline.raw(mcp::Place::id).value_or(""));
    }
    auto session = std::get<std::shared_ptr<StdioSession>>(std::move(opened));
    std::string id = session->id();
    std::vector<StdioMessage> messages;
    messages.push_back(older_message(outline));
    return hand_over(std::move(session), std::move(id), std::move(messages));
}

StdioRequest::Answer StdioRequest::to_session(std::vector<StdioMessage> messages) {
    auto session = this->session();
    if (!session) return no_session();
    if (const auto fault = mcp::check_legacy_version(request_)) return reply(*fault, {});
    return hand_over(std::move(session), {}, std::move(messages));
}

StdioRequest::Answer StdioRequest::hand_over(std::shared_ptr<StdioSession> session,
                                             std::string session_id,
                                             std::vector<StdioMessage> messages) {
    StdioExchange::Form form;
    form.session_id = std::move(session_id);
    form.stream = session->next_stream();
    form.resumable = true;
    form.primed = form.streams_answers = session->primes_streams();
    auto exchange =
        std::make_unique<StdioExchange>(caller_, response_, std::move(form), session->loop());
    const auto& stream = exchange->stream();
    stream->connect(session, session->budget());
    stream->call_home(
        [stream, session = std::move(session), messages = std::move(messages)]() mutable {
            session->take(stream, std::move(messages));
        });
    return unless_finished(std::move(exchange));
}

StdioRequest::Answer StdioRequest::to_shared(const mcp::MessageOutline& outline) {
    const std::string_view id = outline.raw(mcp::Place::id).value_or("");
    // What the server said of its revisions; before it has, it is left to it. Behind an open pipe
    // an SDK server looks at the first message's revision only.
    const auto known = backend_.speech(key_of(caller_), caller_.loop().now_ns());
    std::vector<std::string_view> revisions;
    if (known.revisions) revisions.assign(known.revisions->begin(), known.revisions->end());
    if (const auto fault = mcp::check_modern_request(request_, outline.message(), revisions)) {
        return reply(*fault, id);
    }
    if (known.era == StdioBackend::Era::legacy) return reply(kOlderEra);
    auto found = backend_.shared_child(caller_);
    if (const auto* refusal = std::get_if<StdioRefusal>(&found)) return refuse(*refusal, id);
    auto shared = std::get<std::shared_ptr<StdioShared>>(std::move(found));
    StdioMessage message = message_of(outline);
    const std::uint64_t number = shared->next_number();
    const std::string text = std::to_string(number);
    message.line =
        message.kind == mcp::MessageKind::request
            ? outline.replace({{mcp::Place::id, text}, {mcp::Place::asked_progress_token, text}})
            : outline.one_line();
    StdioExchange::Form form;
    form.stream = number;
    auto exchange =
        std::make_unique<StdioExchange>(caller_, response_, std::move(form), shared->loop());
    const auto& stream = exchange->stream();
    stream->connect(shared, shared->budget());
    stream->call_home([stream, shared = std::move(shared), message = std::move(message),
                       number]() mutable { shared->take(stream, std::move(message), number); });
    return unless_finished(std::move(exchange));
}

StdioRequest::Answer StdioRequest::get() {
    auto session = this->session();
    if (!session) return no_session();
    if (const auto fault = mcp::check_legacy_version(request_)) return reply(*fault, {});
    if (const auto fault = mcp::check_legacy_accept(request_)) return reply(*fault, {});
    StdioExchange::Form form;
    form.resumable = true;
    form.primed = session->primes_streams();
    std::optional<std::uint64_t> after;
    if (const auto last = request_.headers.find("Last-Event-ID")) {
        const auto event = read_event_id(*last);
        if (!event) return reply(kBadEventId);
        form.stream = event->first;
        after = event->second;
    }
    auto exchange =
        std::make_unique<StdioExchange>(caller_, response_, std::move(form), session->loop());
    const auto& stream = exchange->stream();
    stream->connect(session, session->budget());
    stream->call_home(
        [stream, session = std::move(session), after] { session->open_stream(stream, after); });
    return unless_finished(std::move(exchange));
}

StdioRequest::Answer StdioRequest::remove() {
    auto session = this->session();
    if (!session) return no_session();
    auto exchange =
        std::make_unique<StdioExchange>(caller_, response_, StdioExchange::Form(), session->loop());
    const auto& stream = exchange->stream();
    stream->connect(session, session->budget());
    stream->call_home([stream, session = std::move(session)] { session->remove(stream); });
    return unless_finished(std::move(exchange));
}

std::shared_ptr<StdioSession> StdioRequest::session() const {
    const auto id = request_.headers.find("Mcp-Session-Id");
    if (!id || id->empty()) return nullptr;
    return backend_.find_session(std::string(*id), key_of(caller_));
}

// The newer era has no sessions, and no GET or DELETE: a client of it, or one that names no
// revision, is told that only POST is there.
StdioRequest::Answer StdioRequest::no_session() const {
    if (request_.headers.find("Mcp-Session-Id")) {
        log::write(LogLevel::info, "upstream", "no such session, or another identity's",
                   {{"route", backend_.settings().route},
                    {"identity", caller_.identity().name},
                    {"peer", endpoint_text(caller_.peer())}});
        return reply(kSessionNotFound);
    }
    const auto version = request_.headers.find("MCP-Protocol-Version");
    const bool older = version && *version < mcp::kFirstModernVersion;
    if (request_.method != "POST" && !older) return reply(kPostOnly);
    return reply(kNoSession);
}

StdioRequest::Answer StdioRequest::reply(const StdioReply& reply) const {
    net::HttpResponseHead head;
    head.status = reply.status;
    if (!reply.body.empty()) head.headers.add("Content-Type", "application/json");
    if (!reply.allow.empty()) head.headers.add("Allow", std::string(reply.allow));
    response_.head(head, reply.body.size());
    response_.body(reply.body);
    response_.finish();
    return nullptr;
}

StdioRequest::Answer StdioRequest::reply(const mcp::RequestFault& fault,
                                         std::string_view id) const {
    const std::string body = fault.body(id);
    return reply(StdioReply{fault.status, body, {}});
}

StdioRequest::Answer StdioRequest::refuse(const StdioRefusal& refusal, std::string_view id) const {
    if (refusal.retry_after_s == 0) {
        response_.fail(refusal.reason, refusal.detail);
        return nullptr;
    }
    log::write(refusal.level, "upstream", "request refused",
               {{"route", backend_.settings().route},
                {"identity", caller_.identity().name},
                {"peer", endpoint_text(caller_.peer())},
                {"reason", reason_row(refusal.reason).name},
                {"detail", refusal.detail}});
    const std::string body = mcp::json_rpc_error(id, static_cast<int>(refusal.reason),
                                                 reason_row(refusal.reason).sentence);
    net::HttpResponseHead head;
    head.status = reason_row(refusal.reason).http_status;
    head.headers.add("Content-Type", "application/json");
    head.headers.add("Retry-After", std::to_string(refusal.retry_after_s));
    response_.head(head, body.size());
    response_.body(body);
    response_.finish();
    return nullptr;
}

}  // namespace postern::upstream
