#include "core/upstream/stdio/shared.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "core/mcp/modern_request.h"
#include "core/upstream/stdio/backend.h"
#include "core/upstream/stdio/replies.h"

namespace postern::upstream {
namespace {

constexpr std::uint64_t kProbeTimeoutNs = 5 * config::kSecond;
// Silence may be a slow start, an error a passing one; it is not held against the command for long.
constexpr std::uint64_t kDoubtCountsNs = 30 * config::kSecond;
// What it said is believed for a while: a reload does not ask again, and programs get newer.
constexpr std::uint64_t kWordCountsNs = 600 * config::kSecond;

// Notifications carry the claim as well: an SDK server that was only probed so far would take one
// without it for the older era's first message.
constexpr std::string_view kMeta =
    R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"postern","version":"1"},)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

std::string gone_line(std::uint64_t number) {
    return cancellation(std::to_string(number), "the client is gone", kMeta);
}

// Of a DiscoverResult; asked once for each probe.
std::vector<std::string> revisions_in(std::string_view discover_answer) {
    std::vector<std::string> revisions;
    const auto answer = nlohmann::json::parse(discover_answer, nullptr, false);
    const nlohmann::json::json_pointer at("/result/supportedVersions");
    if (answer.is_discarded() || !answer.contains(at) || !answer[at].is_array()) return revisions;
    for (const auto& revision : answer[at]) {
        if (revision.is_string()) revisions.push_back(revision.get<std::string>());
    }
    return revisions;
}

bool is_modern_answer(const mcp::MessageOutline& answer) {
    if (!answer.has_error()) return true;
    const auto code = answer.error_code().value_or(0);
    return code == mcp::kHeaderMismatch || code == mcp::kMissingCapability ||
           code == mcp::kUnsupportedVersion;
}

// What servers of the older era are known to say to a method they do not know before they have been
// initialized: "method not found", "invalid params" (the Python SDK, of a request it has no type
// for), "invalid request", "not initialized".
bool is_legacy_answer(const mcp::MessageOutline& answer) {
    switch (answer.error_code().value_or(0)) {
        case mcp::kMethodNotFound:
        case -32602:
        case mcp::kInvalidRequest:
        case -32000:
        case -32002:
            return true;
        default:
            return false;
    }
}

}  // namespace

StdioShared::StdioShared(std::weak_ptr<StdioBackend> backend, net::Loop& loop, StdioTenant tenant)
    : StdioHome(std::move(backend), loop, std::move(tenant), {}) {}

void StdioShared::take(const std::shared_ptr<StdioStream>& stream, StdioMessage message,
                       std::uint64_t number) {
    touch();
    const StdioRefusal full{POSTERN_REASON_OVERLOADED, "the child has more than it takes", 1};
    if (ended()) {
        return refuse(stream, message.raw_id, {POSTERN_REASON_OVERLOADED, "just ended", 1});
    }
    if (child_is_behind() || held_bytes_ > StdioChild::kHighWater) {
        return refuse(stream, message.raw_id, full);
    }
    if (message.kind != mcp::MessageKind::request) return take_notice(stream, std::move(message));
    if (flights_.size() >= kMaxInFlight) return refuse(stream, message.raw_id, full);
    if (!has_child()) {
        if (const auto refusal = start_child()) return refuse(stream, message.raw_id, *refusal);
        taken_ = 0;
        const auto known = backend()->speech(tenant().key, loop().now_ns());
        if (known.era != StdioBackend::Era::modern) probe();
    }
    ++taken_;
    Flight& flight = flights_[number];
    flight.stream = stream;
    flight.raw_id = std::move(message.raw_id);
    flight.raw_token = std::move(message.raw_token);
    flight.listens = message.method == "subscriptions/listen";
    attend(+1);
    if (const std::uint64_t limit = backend()->settings().request_timeout_ns; limit > 0) {
        flight.timeout =
            loop().run_at(loop().now_ns() + limit, [weak = weak_from_this(), this, number] {
                if (const auto self = weak.lock()) expire(number);
            });
    }
    forward(std::move(message.line));
}

// A cancellation is taken and does nothing: it names an id, which anybody can guess and another
// client may use as well. In this era closing the stream is what cancels, on this transport.
void StdioShared::take_notice(const std::shared_ptr<StdioStream>& stream, StdioMessage message) {
    if (message.method != "notifications/cancelled" && has_child()) {
        forward(std::move(message.line));
    }
    send(stream, reply_part(kAccepted));
}

void StdioShared::forward(std::string line) {
    if (probe_ == 0) return write(std::move(line));
    held_bytes_ += line.size();
    held_.push_back(std::move(line));
}

void StdioShared::expire(std::uint64_t number) {
    const auto flight = flights_.find(number);
    if (ended() || flight == flights_.end()) return;
    forward(gone_line(number));
    const Flight late = finish(flight);
    refuse(late.stream, late.raw_id,
           {POSTERN_REASON_UPSTREAM_TIMEOUT, "no answer within request_timeout"});
    end_if_retired();
}

// "Any other error or no answer within a timeout: legacy". Requests wait until it is known.
void StdioShared::probe() {
    probe_ = next_number();
    write(R"({"jsonrpc":"2.0","id":)" + std::to_string(probe_) +
          R"(,"method":"server/discover","params":{"_meta":)" + std::string(kMeta) + "}}");
    later(kProbeTimeoutNs, [this, probe = probe_] {
        if (probe_ != probe) return;
        found_legacy(kDoubtCountsNs, "no answer to server/discover in time");
    });
}

void StdioShared::probed(const mcp::MessageOutline& answer) {
    if (!is_modern_answer(answer)) {
        return found_legacy(is_legacy_answer(answer) ? kWordCountsNs : kDoubtCountsNs,
                            "the command speaks the older era only");
    }
    auto revisions = std::make_shared<const std::vector<std::string>>(revisions_in(answer.text()));
    backend()->learn(tenant().key, {StdioBackend::Era::modern, std::move(revisions)},
                     loop().now_ns() + kWordCountsNs);
    probe_ = 0;
    held_bytes_ = 0;
    for (std::string& line : std::exchange(held_, {})) write(std::move(line));
}

void StdioShared::found_legacy(std::uint64_t for_ns, const std::string& why) {
    backend()->learn(tenant().key, {StdioBackend::Era::legacy, nullptr}, loop().now_ns() + for_ns);
    while (!flights_.empty()) send(finish(flights_.begin()).stream, reply_part(kOlderEra));
    end(why);
}

// "Closing the response stream is cancellation; the server MUST treat it so."
void StdioShared::on_client_gone(StdioStream& stream) {
    const auto flight = flights_.find(stream.number());
    if (flight == flights_.end()) return;
    forward(gone_line(flight->first));
    finish(flight);
}

// Others wait for the same child.
void StdioShared::on_stalled(StdioStream& stream) {
    const auto flight = flights_.find(stream.number());
    if (flight == flights_.end()) return;
    forward(gone_line(flight->first));
    const Flight stalled = finish(flight);
    refuse(stalled.stream, stalled.raw_id,
           {POSTERN_REASON_WRITE_TIMEOUT, "the client does not read its stream"});
    end_if_retired();
}

void StdioShared::on_ended() {
    fail_all(POSTERN_REASON_UPSTREAM_UNREACHABLE, "its child was given up");
}

// A subscription ends as a server that goes ends it: with its result.
void StdioShared::on_retired() {
    for (auto flight = flights_.begin(); flight != flights_.end();) {
        const auto next = std::next(flight);
        if (flight->second.listens) {
            forward(gone_line(flight->first));
            const Flight ended = finish(flight);
            const std::string text = R"({"jsonrpc":"2.0","id":)" + ended.raw_id +
                                     R"(,"result":{"resultType":"complete","_meta":)"
                                     R"({"io.modelcontextprotocol/subscriptionId":)" +
                                     ended.raw_id + "}}}";
            StdioPart part;
            part.kind = StdioPart::Kind::answer;
            part.text = text;
            send(ended.stream, part);
        }
        flight = next;
    }
}

void StdioShared::fail_all(Reason reason, const std::string& detail) {
    while (!flights_.empty()) {
        const Flight flight = finish(flights_.begin());
        refuse(flight.stream, flight.raw_id, {reason, detail});
    }
}

StdioShared::Flight StdioShared::finish(Flights::iterator flight) {
    loop().cancel(flight->second.timeout);
    attend(-1);
    Flight finished = std::move(flight->second);
    flights_.erase(flight);
    return finished;
}

}  // namespace postern::upstream
