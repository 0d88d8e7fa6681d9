#include <algorithm>
#include <limits>
#include <utility>

#include "core/mcp/error_body.h"
#include "core/mcp/json_identity.h"
#include "core/mcp/modern_request.h"
#include "core/upstream/stdio/exchange.h"
#include "core/upstream/stdio/replies.h"
#include "core/upstream/stdio/session.h"

namespace postern::upstream {
namespace {

constexpr std::string_view kFirstPrimedVersion = "\"2025-11-25\"";  // as JSON
// A question of the child that no stream could carry: rather a no than silence.
constexpr std::uint64_t kParkedNs = 30 * config::kSecond;

}  // namespace

void StdioSession::on_message(const mcp::MessageOutline& message) {
    if (message.kind() == mcp::MessageKind::response) return on_response(message);
    const auto lane = lane_for(message);
    if (lane == lanes_.end()) return park(message);
    if (lane->first == kStandalone) delivered_ = lane->second.sequence + 1;
    StdioPart part;
    part.text = message.text();
    deliver(lane, part);
}

void StdioSession::on_response(const mcp::MessageOutline& message) {
    const auto raw = message.raw(mcp::Place::id);
    if (!raw) return;
    if (state_ == State::replaying && *raw == kReplayId) return replayed(message);
    const auto flight = flights_.find(mcp::identity_of(*raw));
    // Answered twice, or late: its client was told already.
    if (flight == flights_.end()) return log(LogLevel::debug, "child: an answer to nothing");
    const bool initializes = flight->second.initializes;
    const auto lane = lanes_.find(flight->second.lane);
    tokens_.erase(flight->second.token);
    flights_.erase(flight);
    if (initializes && !message.has_error()) established(message);
    if (lane != lanes_.end()) {
        StdioPart part;
        part.kind = StdioPart::Kind::answer;
        part.text = message.text();
        part.last = --lane->second.answers_left == 0;
        part.establishes_session = !initializes || !message.has_error();
        deliver(lane, part);
        if (part.last) finish(lane);
    }
    if (initializes && message.has_error()) return end("the server refused initialize");
    end_if_retired();
}

void StdioSession::established(const mcp::MessageOutline& message) {
    version_ = message.raw(mcp::Place::protocol_version).value_or("");
    primes_streams_.store(version_ >= kFirstPrimedVersion);
    state_ = State::ready;
    log(LogLevel::info, "session opened");
}

void StdioSession::replayed(const mcp::MessageOutline& message) {
    if (message.has_error() || message.raw(mcp::Place::protocol_version).value_or("") != version_) {
        return end("the next child did not agree to the session's initialize");
    }
    state_ = State::ready;
    if (!initialized_.empty()) write(initialized_);
    held_bytes_ = 0;
    for (std::string& line : std::exchange(held_, {})) write(std::move(line));
}

void StdioSession::on_child_lost(const std::string& why) {
    drop_parked(std::numeric_limits<std::uint64_t>::max());
    held_.clear();
    held_bytes_ = 0;
    std::vector<std::string> ids;
    for (const auto& [id, flight] : flights_) ids.push_back(id);
    for (const std::string& id : ids) fail_flight(id, POSTERN_REASON_UPSTREAM_UNREACHABLE, why);
    if (state_ != State::ready) return end("its child ended before it was initialized");
    end_if_retired();
}

// Progress goes to whoever asked for it; anything else to the one request it can belong to, or to
// the stream that is there for the rest. Never to two: "the server MUST send each of its JSON-RPC
// messages on only one of the connected streams".
StdioSession::Lanes::iterator StdioSession::lane_for(const mcp::MessageOutline& message) {
    if (const auto raw = message.raw(mcp::Place::progress_token)) {
        if (const auto token = tokens_.find(mcp::identity_of(*raw)); token != tokens_.end()) {
            return lanes_.find(token->second);
        }
    }
    auto newest = lanes_.end();
    std::size_t count = 0;
    for (auto lane = lanes_.upper_bound(kStandalone); lane != lanes_.end(); ++lane) {
        if (!reaches_client(lane->second)) continue;
        newest = lane;
        ++count;
    }
    if (count == 1) return newest;
    const auto standalone = lanes_.find(kStandalone);
    if (standalone != lanes_.end() && standalone->second.stream) return standalone;
    return newest;
}

bool StdioSession::reaches_client(const Lane& lane) const {
    return lane.stream || resumable(lane);
}

// Its client has an event id: of an event, or of what opens a stream that was silent for long.
bool StdioSession::resumable(const Lane& lane) const {
    return lane.streamed || loop().now_ns() >= lane.began_ns + StdioExchange::kKeepAliveNs;
}

// Kept as an event of the standalone stream, for the GET that opens it.
void StdioSession::park(const mcp::MessageOutline& message) {
    const bool asks = message.kind() == mcp::MessageKind::request;
    const auto raw_id = message.raw(mcp::Place::id).value_or("");
    if (asks && raw_id.size() > kMaxIdBytes) {
        return answer_child(
            mcp::json_rpc_error("", mcp::kInvalidRequest, "Invalid Request: the id is too long"));
    }
    Lane& lane = lanes_[kStandalone];
    sent_.add(kStandalone, ++lane.sequence, message.text());
    if (!asks) return;
    parked_.push_back({lane.sequence, std::string(raw_id), loop().now_ns()});
    if (!parked_watched_) watch_parked();
    // What the buffer has let go of can be asked no more.
    const auto kept = std::find_if(parked_.begin(), parked_.end(), [this](const Parked& parked) {
        return sent_.holds(kStandalone, parked.sequence);
    });
    if (kept != parked_.begin()) drop_parked((kept - 1)->sequence);
}

// One timer, for the oldest of them.
void StdioSession::watch_parked() {
    while (!parked_.empty() && loop().now_ns() >= parked_.front().since_ns + kParkedNs) {
        drop_parked(parked_.front().sequence);
    }
    parked_watched_ = !parked_.empty();
    if (!parked_watched_) return;
    later(parked_.front().since_ns + kParkedNs - loop().now_ns(), [this] { watch_parked(); });
}

void StdioSession::drop_parked(std::uint64_t up_to) {
    while (!parked_.empty() && parked_.front().sequence <= up_to) {
        const Parked parked = std::move(parked_.front());
        parked_.pop_front();
        sent_.remove(kStandalone, parked.sequence);
        answer_child(
            mcp::json_rpc_error(parked.raw_id, POSTERN_REASON_PEER_CLOSED,
                                "the client has no stream open that this could be asked on"));
    }
}

// A response that is all there is to its answer travels as JSON and is not kept: it has no event id
// to resume from.
void StdioSession::deliver(Lanes::iterator at, StdioPart part) {
    Lane& lane = at->second;
    const bool event = part.kind == StdioPart::Kind::event;
    loop().cancel(std::exchange(lane.timeout, 0));
    part.sequence = ++lane.sequence;
    if (event || resumable(lane)) sent_.add(at->first, part.sequence, part.text);
    lane.streamed = lane.streamed || event;
    if (lane.stream) send(lane.stream, part);
}

void StdioSession::fail_flight(const std::string& id, Reason reason, const std::string& detail) {
    const auto found = flights_.find(id);
    if (found == flights_.end()) return;
    const Flight flight = std::move(found->second);
    tokens_.erase(flight.token);
    flights_.erase(found);
    const auto lane = lanes_.find(flight.lane);
    if (lane == lanes_.end()) return;
    const std::string text = failure_text(flight.raw_id, reason);
    StdioPart part;
    part.kind = StdioPart::Kind::failure;
    part.text = text;
    part.reason = reason;
    part.detail = detail;
    part.last = --lane->second.answers_left == 0;
    deliver(lane, part);
    if (part.last) finish(lane);
}

void StdioSession::finish(Lanes::iterator lane) {
    loop().cancel(lane->second.timeout);
    detach(lane->second);
    lanes_.erase(lane);
}

}  // namespace postern::upstream
