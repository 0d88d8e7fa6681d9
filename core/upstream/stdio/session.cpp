#include "core/upstream/stdio/session.h"

#include <unordered_set>
#include <utility>

#include "core/mcp/error_body.h"
#include "core/mcp/json_identity.h"
#include "core/mcp/modern_request.h"
#include "core/upstream/stdio/backend.h"
#include "core/upstream/stdio/replies.h"

namespace postern::upstream {
namespace {

// How long a child may take to answer a request that its client cancelled. Most do not answer it,
// as the specification says; then the stream is ended for them.
constexpr std::uint64_t kCancelGraceNs = 5 * config::kSecond;
constexpr std::uint64_t kReplayTimeoutNs = 30 * config::kSecond;

std::string_view first_id(const std::vector<StdioMessage>& messages) {
    for (const StdioMessage& message : messages) {
        if (message.kind == mcp::MessageKind::request) return message.raw_id;
    }
    return {};
}

}  // namespace

StdioSession::StdioSession(std::weak_ptr<StdioBackend> backend, net::Loop& loop, StdioTenant tenant,
                           std::string id)
    : StdioHome(std::move(backend), loop, std::move(tenant), std::move(id)) {}

void StdioSession::take(const std::shared_ptr<StdioStream>& stream,
                        std::vector<StdioMessage> messages) {
    if (ended()) return send(stream, reply_part(kSessionNotFound));
    touch();
    if (child_is_behind() || held_bytes_ > StdioChild::kHighWater) {
        return refuse(stream, first_id(messages),
                      {POSTERN_REASON_OVERLOADED, "the child does not read", 1});
    }
    if (first_id(messages).empty()) {
        take_notices(stream, std::move(messages));
    } else {
        take_requests(stream, std::move(messages));
    }
}

void StdioSession::take_notices(const std::shared_ptr<StdioStream>& stream,
                                std::vector<StdioMessage> messages) {
    for (StdioMessage& message : messages) {
        if (message.method == "notifications/initialized") initialized_ = message.line;
        if (flights_.contains(message.cancelled)) give_up_cancelled(message.cancelled);
        // A child that is no more asked nothing and works on nothing.
        if (has_child()) forward(std::move(message.line));
    }
    send(stream, reply_part(kAccepted));
}

void StdioSession::take_requests(const std::shared_ptr<StdioStream>& stream,
                                 std::vector<StdioMessage> messages) {
    if (const auto clashing = clash(messages)) {
        const std::string text =
            mcp::json_rpc_error(*clashing, mcp::kInvalidRequest,
                                "Invalid Request: a request with this id is in flight");
        StdioPart part = reply_part({400, {}, {}});
        part.text = text;
        return send(stream, part);
    }
    if (flights_.size() + messages.size() > kMaxInFlight) {
        return refuse(stream, first_id(messages),
                      {POSTERN_REASON_OVERLOADED, "too many requests are in flight", 1});
    }
    const bool initializes = state_ == State::fresh;
    if (!has_child()) {
        if (const auto refusal = initializes ? start_child() : revive()) {
            refuse(stream, first_id(messages), *refusal);
            if (initializes) end("no child was started");
            return;
        }
    }
    if (initializes) {
        state_ = State::initializing;
        initialize_ = messages.front().line;
    }
    const std::uint64_t number = stream->number();
    Lane& lane = lanes_[number];
    lane.stream = stream;
    lane.began_ns = loop().now_ns();
    attend(+1);
    if (const std::uint64_t limit = backend()->settings().request_timeout_ns; limit > 0) {
        lane.timeout =
            loop().run_at(lane.began_ns + limit, [weak = weak_from_this(), this, number] {
                if (const auto self = weak.lock()) expire(number);
            });
    }
    for (StdioMessage& message : messages) {
        if (message.kind == mcp::MessageKind::request) {
            ++lane.answers_left;
            Flight flight{number, std::move(message.raw_id), {}, initializes};
            if (!message.raw_token.empty()) {
                flight.token = mcp::identity_of(message.raw_token);
                tokens_[flight.token] = number;
            }
            flights_.emplace(std::move(message.id), std::move(flight));
        }
    }
    // After all of them are known: a child may end while it is written to.
    for (StdioMessage& message : messages) forward(std::move(message.line));
}

// An id that is in use already: its two answers could not be told apart.
std::optional<std::string> StdioSession::clash(const std::vector<StdioMessage>& messages) const {
    std::unordered_set<std::string_view> own;
    for (const StdioMessage& message : messages) {
        if (message.kind != mcp::MessageKind::request) continue;
        if (flights_.contains(message.id)) return message.raw_id;
        if (messages.size() > 1 && !own.insert(message.id).second) return message.raw_id;
    }
    return std::nullopt;
}

// The next child learns what the last one was told when the session began. Its answer is nobody's.
std::optional<StdioRefusal> StdioSession::revive() {
    if (const auto refusal = start_child()) return refusal;
    state_ = State::replaying;
    const auto outline = mcp::MessageOutline::read(initialize_, mcp::Sender::client);
    if (outline) write(outline->replace({{mcp::Place::id, kReplayId}}));
    later(kReplayTimeoutNs, [this, replay = ++replays_] {
        if (state_ == State::replaying && replays_ == replay)
            end("the next child did not answer initialize");
    });
    return std::nullopt;
}

void StdioSession::forward(std::string line) {
    if (state_ != State::replaying) return write(std::move(line));
    held_bytes_ += line.size();
    held_.push_back(std::move(line));
}

void StdioSession::give_up_cancelled(const std::string& id) {
    const std::uint64_t lane = flights_.at(id).lane;
    later(kCancelGraceNs, [this, id, lane] {
        const auto flight = flights_.find(id);
        if (flight == flights_.end() || flight->second.lane != lane) return;
        fail_flight(id, POSTERN_REASON_FINISHED, "its client cancelled it");
        end_if_retired();
    });
}

// request_timeout: until the first that comes for a request. "The sender SHOULD issue a
// cancellation notification for that request and stop waiting for a response."
void StdioSession::expire(std::uint64_t number) {
    const auto lane = lanes_.find(number);
    if (ended() || lane == lanes_.end() || lane->second.streamed) return;
    lane->second.timeout = 0;
    give_up(number, "request timeout",
            {POSTERN_REASON_UPSTREAM_TIMEOUT, "no answer within request_timeout"});
    if (state_ == State::initializing) return end("no answer to initialize in time");
    end_if_retired();
}

// The child is told to stop, the stream what became of it.
void StdioSession::give_up(std::uint64_t number, std::string_view why,
                           const StdioRefusal& refusal) {
    std::vector<std::string> ids;
    for (const auto& [id, flight] : flights_) {
        if (flight.lane != number) continue;
        ids.push_back(id);
        if (!flight.initializes) forward(cancellation(flight.raw_id, why, ""));
    }
    for (const std::string& id : ids) fail_flight(id, refusal.reason, refusal.detail);
}

// In the older era a disconnect is no cancellation: the request goes on, its answer waits for a
// client that resumes the stream.
void StdioSession::on_client_gone(StdioStream& stream) {
    const auto lane = lanes_.find(stream.number());
    if (lane == lanes_.end() || lane->second.stream.get() != &stream) return;
    detach(lane->second);
    limit_detached();
}

void StdioSession::limit_detached() {
    std::size_t count = 0;
    std::uint64_t oldest = kStandalone;
    for (auto lane = lanes_.upper_bound(kStandalone); lane != lanes_.end(); ++lane) {
        if (lane->second.stream) continue;
        if (count++ == 0) oldest = lane->first;
    }
    if (count <= kMaxDetached) return;
    give_up(oldest, "its client is gone",
            {POSTERN_REASON_PEER_CLOSED, "too many requests wait for clients that are gone"});
}

void StdioSession::detach(Lane& lane) {
    if (!lane.stream) return;
    lane.stream = nullptr;
    attend(-1);
}

void StdioSession::open_stream(const std::shared_ptr<StdioStream>& stream,
                               std::optional<std::uint64_t> after) {
    if (ended()) return send(stream, reply_part(kSessionNotFound));
    if (retired()) {
        return refuse(stream, {}, {POSTERN_REASON_SHUTDOWN, "its route is no longer served"});
    }
    const std::uint64_t number = stream->number();
    auto found = lanes_.find(number);
    if (number == kStandalone && found == lanes_.end()) found = lanes_.try_emplace(number).first;
    if (found == lanes_.end() && !sent_.has_after(number, *after)) {
        // Nothing to resume. The specification knows two answers to a GET: a stream, and this.
        return send(stream, reply_part(kNoStream));
    }
    StdioPart part;
    part.kind = StdioPart::Kind::end;
    if (found != lanes_.end()) {
        Lane& lane = found->second;
        if (lane.stream && !after) return send(stream, reply_part(kSecondStream));
        // Whoever resumes a stream has lost it, though that may not have been noticed here.
        if (lane.stream) send(lane.stream, part);
        detach(lane);
        lane.stream = stream;
        lane.streamed = true;
        attend(+1);
    }
    part.kind = StdioPart::Kind::open;
    part.sequence = after.value_or(delivered_);
    send(stream, part);
    sent_.each_after(number, part.sequence, [&](const StdioEventBuffer::Event& event) {
        StdioPart again;
        again.text = event.text;
        again.sequence = event.sequence;
        send(stream, again);
    });
    if (number == kStandalone) {
        delivered_ = found->second.sequence;
        parked_.clear();
    }
    part.kind = StdioPart::Kind::end;
    if (found == lanes_.end()) send(stream, part);
}

void StdioSession::remove(const std::shared_ptr<StdioStream>& stream) {
    if (ended()) return send(stream, reply_part(kSessionNotFound));
    send(stream, reply_part(kDeleted));
    end("its client deleted it");
}

bool StdioSession::idle() const {
    return flights_.empty();
}

void StdioSession::on_ended() {
    std::map<std::uint64_t, std::string> ids;  // one of each stream
    for (auto& [id, flight] : flights_) ids.emplace(flight.lane, flight.raw_id);
    for (auto& [number, lane] : lanes_) {
        loop().cancel(lane.timeout);
        if (!lane.stream) continue;
        const std::string text = mcp::json_rpc_error(ids[number], -32001, "Session not found");
        StdioPart part = reply_part(kSessionNotFound);
        part.text = text;
        if (number == kStandalone) part.kind = StdioPart::Kind::end;
        send(lane.stream, part);
        detach(lane);
    }
    lanes_.clear();
    flights_.clear();
    tokens_.clear();
    held_.clear();
}

void StdioSession::on_retired() {
    const auto lane = lanes_.find(kStandalone);
    if (lane == lanes_.end() || !lane->second.stream) return;
    StdioPart part;
    part.kind = StdioPart::Kind::end;
    send(lane->second.stream, part);
    detach(lane->second);
}

}  // namespace postern::upstream
