#include "core/gate/refusal.h"

#include "core/base/audit.h"
#include "core/base/log.h"
#include "core/mcp/error_body.h"

namespace postern::gate {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

int status_of(Reason reason) {
    const int status = reason_row(reason).http_status;
    return status == 0 ? 403 : status;
}

// A session of another's sounds as one that never was.
Reason told(Reason reason) {
    return reason == POSTERN_REASON_SESSION_FOREIGN ? POSTERN_REASON_SESSION_UNKNOWN : reason;
}

std::string with_contact(std::string text, std::string_view contact) {
    if (!contact.empty()) text.append("; contact: ").append(contact);
    return text;
}

std::string fault_text(mcp::RequestFault fault, std::string_view id, std::string_view contact) {
    fault.message = with_contact(std::move(fault.message), contact);
    return fault.body(id);
}

void write_log(const Refusal& refusal, const RefusedRequest& request, const net::Caller& caller) {
    const std::string peer = endpoint_text(caller.peer());
    const std::initializer_list<LogField> fields = {{"listener", caller.listener()},
                                                    {"peer", peer},
                                                    {"identity", caller.identity().name},
                                                    {"route", request.route},
                                                    {"method", request.method},
                                                    {"name", request.name},
                                                    {"reason", reason_row(refusal.reason).name},
                                                    {"plugin", refusal.plugin},
                                                    {"detail", refusal.detail}};
    log::write(LogLevel::notice, "gate", "request refused", fields);
    audit::write("gate", "request refused", fields);
}

}  // namespace

const mcp::Message* spokesman(const mcp::Messages& messages) {
    for (const mcp::Message& message : messages.all) {
        if (message.kind == mcp::MessageKind::request) return &message;
    }
    return messages.all.empty() ? nullptr : &messages.all.front();
}

RefusedRequest refused_request(std::string_view route, const mcp::Message* message) {
    if (message == nullptr) return {route, {}, {}, {}};
    // A response's id is one of the server's requests: an error under it would answer another of
    // the client's own.
    const bool request = message->kind == mcp::MessageKind::request;
    return {route, message->method, message->name, request ? message->id : std::string_view()};
}

void refuse(const Refusal& refusal, const RefusedRequest& request, std::string_view contact,
            const net::Caller& caller, net::ResponseStream& response) {
    write_log(refusal, request, caller);
    net::HttpResponseHead head;
    head.status = refusal.fault ? refusal.fault->status : status_of(refusal.reason);
    head.headers.add("Content-Type", "application/json");
    if (refusal.retry_after_ns > 0) {
        const std::uint64_t seconds =
            (refusal.retry_after_ns + kNanosecondsPerSecond - 1) / kNanosecondsPerSecond;
        head.headers.add("Retry-After", std::to_string(seconds));
    }
    // RFC 8705 section 3: as any token that does not hold. No other refusal asks for a token.
    if (refusal.reason == POSTERN_REASON_TOKEN_NOT_BOUND) {
        head.headers.add("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    }
    if (!refusal.allow.empty()) head.headers.add("Allow", refusal.allow);
    const std::string_view id = request.id.size() <= kMaxEchoedId ? request.id : std::string_view();
    const std::string body = refusal.fault ? fault_text(*refusal.fault, id, contact)
                                           : refusal_text(refusal.reason, id, contact);
    response.head(head, body.size());
    response.body(body);
    response.finish();
}

std::string refusal_text(Reason reason, std::string_view id, std::string_view contact) {
    std::string text = told(reason) == POSTERN_REASON_SESSION_UNKNOWN
                           ? std::string("Session not found")
                           : std::string(net::usual_reason_phrase(status_of(reason)));
    return mcp::json_rpc_error(id, static_cast<int>(told(reason)),
                               with_contact(std::move(text), contact));
}

}  // namespace postern::gate
