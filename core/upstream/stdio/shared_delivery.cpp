#include <charconv>
#include <cmath>
#include <utility>

#include "core/mcp/error_body.h"
#include "core/mcp/modern_request.h"
#include "core/upstream/stdio/shared.h"

namespace postern::upstream {
namespace {

// An id of ours as the child gives it back: 7, or 7.0 where its language knows only doubles.
std::uint64_t read_number(std::string_view raw) {
    std::uint64_t number = 0;
    const char* const end = raw.data() + raw.size();
    if (std::from_chars(raw.data(), end, number).ptr == end) return number;
    double value = 0;
    const auto read = std::from_chars(raw.data(), end, value);
    constexpr double kExact = 9007199254740992.0;
    if (read.ec != std::errc() || read.ptr != end || value < 1 || value > kExact) return 0;
    return std::floor(value) == value ? static_cast<std::uint64_t>(value) : 0;
}

// "-32601 → 404, -32022 and -32021 → 400"; what a tool says went wrong is an answer like others.
int status_of(const mcp::MessageOutline& answer) {
    if (!answer.has_error()) return 200;
    switch (answer.error_code().value_or(0)) {
        case mcp::kMethodNotFound:
            return 404;
        case mcp::kHeaderMismatch:
        case mcp::kMissingCapability:
        case mcp::kUnsupportedVersion:
            return 400;
        default:
            return 200;
    }
}

}  // namespace

void StdioShared::on_message(const mcp::MessageOutline& message) {
    switch (message.kind()) {
        case mcp::MessageKind::response:
            return on_response(message);
        case mcp::MessageKind::notification:
            return on_notification(message);
        case mcp::MessageKind::request:
            // "The server MUST NOT send requests."
            std::string_view id = message.raw(mcp::Place::id).value_or("");
            if (id.size() > kMaxIdBytes) id = {};
            answer_child(mcp::json_rpc_error(id, mcp::kMethodNotFound, "Method not found"));
    }
}

void StdioShared::on_response(const mcp::MessageOutline& message) {
    const auto raw = message.raw(mcp::Place::id);
    if (probe_ != 0 && raw && read_number(*raw) == probe_) return probed(message);
    const auto found = flight_of(raw);
    if (found == flights_.end()) return log(LogLevel::debug, "child: an answer to nothing");
    const Flight flight = finish(found);
    const std::string text = message.replace(
        {{mcp::Place::id, flight.raw_id}, {mcp::Place::subscription_id, flight.raw_id}});
    StdioPart part;
    part.kind = StdioPart::Kind::answer;
    part.text = text;
    part.status = status_of(message);
    send(flight.stream, part);
    end_if_retired();
}

void StdioShared::on_notification(const mcp::MessageOutline& message) {
    if (message.method() == "notifications/progress") {
        const auto flight = flight_of(message.raw(mcp::Place::progress_token));
        if (flight == flights_.end() || flight->second.raw_token.empty()) return;
        return pass_on(flight,
                       message.replace({{mcp::Place::progress_token, flight->second.raw_token}}));
    }
    if (const auto subscription = message.raw(mcp::Place::subscription_id)) {
        const auto flight = flight_of(subscription);
        if (flight == flights_.end()) return;
        return pass_on(flight,
                       message.replace({{mcp::Place::subscription_id, flight->second.raw_id}}));
    }
    if (message.method() == "notifications/cancelled") {
        const auto flight = flight_of(message.raw(mcp::Place::cancelled_id));
        if (flight == flights_.end()) return;
        pass_on(flight, message.replace({{mcp::Place::cancelled_id, flight->second.raw_id}}));
        StdioPart part;
        part.kind = StdioPart::Kind::end;
        if (flight->second.listens) send(finish(flight).stream, part);
        return;
    }
    const auto flight = only_flight();
    if (flight != flights_.end()) return pass_on(flight, std::string(message.text()));
    log(LogLevel::debug, "child: a notification that may be anybody's is dropped",
        message.method());
}

StdioShared::Flights::iterator StdioShared::flight_of(std::optional<std::string_view> raw_number) {
    return raw_number ? flights_.find(read_number(*raw_number)) : flights_.end();
}

// Whose a notification is that names nobody: of the only request that the child has been given.
// Once there was another, it may be a late word on that one, and that one another client's.
StdioShared::Flights::iterator StdioShared::only_flight() {
    const bool only = taken_ == 1 && !flights_.empty() && !flights_.begin()->second.listens;
    return only ? flights_.begin() : flights_.end();
}

void StdioShared::pass_on(Flights::iterator flight, const std::string& text) {
    loop().cancel(std::exchange(flight->second.timeout, 0));
    StdioPart part;
    part.text = text;
    send(flight->second.stream, part);
}

void StdioShared::on_child_lost(const std::string& why) {
    probe_ = 0;
    held_.clear();
    held_bytes_ = 0;
    fail_all(POSTERN_REASON_UPSTREAM_UNREACHABLE, why);
    end_if_retired();
}

}  // namespace postern::upstream
