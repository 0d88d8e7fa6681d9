#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/upstream/stdio/event_buffer.h"
#include "core/upstream/stdio/home.h"
#include "core/upstream/stdio/message.h"

namespace postern::upstream {

// A session of the older era and the child it has to itself. Ids and tokens pass as they are. A
// child that ends takes what was in flight with it; the next request starts another, which is told
// the session's own initialize again.
class StdioSession final : public StdioHome {
public:
    StdioSession(std::weak_ptr<StdioBackend> backend, net::Loop& loop, StdioTenant tenant,
                 std::string id);

    // Any thread.
    [[nodiscard]] std::uint64_t next_stream() { return next_stream_.fetch_add(1) + 1; }
    [[nodiscard]] bool primes_streams() const { return primes_streams_.load(); }

    // A POST's messages, in order.
    void take(const std::shared_ptr<StdioStream>& stream, std::vector<StdioMessage> messages);
    // A GET: the stream of what no request asked for (number 0), or any stream, gone on with after
    // the event that the client had last.
    void open_stream(const std::shared_ptr<StdioStream>& stream,
                     std::optional<std::uint64_t> after);
    // A DELETE.
    void remove(const std::shared_ptr<StdioStream>& stream);

private:
    static constexpr std::uint64_t kStandalone = 0;
    enum class State : std::uint8_t { fresh, initializing, ready, replaying };

    // A stream of the session: of one POST, or the standalone one.
    struct Lane {
        std::shared_ptr<StdioStream> stream;  // null: its client is gone, for now
        std::uint64_t sequence = 0;           // of its last event
        std::uint64_t began_ns = 0;
        std::size_t answers_left = 0;
        TimerId timeout = 0;
        bool streamed = false;  // its client has an event id to resume from
    };
    struct Flight {
        std::uint64_t lane = 0;
        std::string raw_id;
        std::string token;  // identity_of()
        bool initializes = false;
    };
    using Lanes = std::map<std::uint64_t, Lane>;
    // What the child asked while no stream was open.
    struct Parked {
        std::uint64_t sequence;
        std::string raw_id;
        std::uint64_t since_ns;
    };
    // Of requests whose clients are gone, so that they do not pile up. The oldest ends first.
    static constexpr std::size_t kMaxDetached = 64;

    // From the client: stdio_session.cpp.
    void take_notices(const std::shared_ptr<StdioStream>& stream,
                      std::vector<StdioMessage> messages);
    void take_requests(const std::shared_ptr<StdioStream>& stream,
                       std::vector<StdioMessage> messages);
    [[nodiscard]] std::optional<std::string> clash(const std::vector<StdioMessage>& messages) const;
    [[nodiscard]] std::optional<StdioRefusal> revive();
    void forward(std::string line);
    void give_up_cancelled(const std::string& id);
    void expire(std::uint64_t lane);
    void give_up(std::uint64_t lane, std::string_view why, const StdioRefusal& refusal);
    void limit_detached();
    void on_client_gone(StdioStream& stream) override;
    [[nodiscard]] bool idle() const override;
    void on_ended() override;
    void on_retired() override;

    // From the child: stdio_session_delivery.cpp.
    void on_message(const mcp::MessageOutline& message) override;
    void on_response(const mcp::MessageOutline& message);
    void on_child_lost(const std::string& why) override;
    void established(const mcp::MessageOutline& message);
    void replayed(const mcp::MessageOutline& message);
    [[nodiscard]] Lanes::iterator lane_for(const mcp::MessageOutline& message);
    [[nodiscard]] bool reaches_client(const Lane& lane) const;
    [[nodiscard]] bool resumable(const Lane& lane) const;
    void park(const mcp::MessageOutline& message);
    void drop_parked(std::uint64_t up_to);
    void watch_parked();
    void deliver(Lanes::iterator lane, StdioPart part);
    void fail_flight(const std::string& id, Reason reason, const std::string& detail);
    void finish(Lanes::iterator lane);
    void detach(Lane& lane);

    std::atomic<std::uint64_t> next_stream_{kStandalone};
    std::atomic<bool> primes_streams_{false};

    State state_ = State::fresh;
    std::uint64_t replays_ = 0;
    Lanes lanes_;
    std::unordered_map<std::string, Flight> flights_;        // by identity_of() the id
    std::unordered_map<std::string, std::uint64_t> tokens_;  // the lane that asked for progress
    StdioEventBuffer sent_;
    std::uint64_t delivered_ = 0;  // events of the standalone stream that a client was given
    std::deque<Parked> parked_;
    bool parked_watched_ = false;

    std::string initialize_;   // the client's, for the next child, with an id of ours
    std::string version_;      // what was agreed on, as JSON
    std::string initialized_;  // notifications/initialized
    std::vector<std::string> held_;
    std::size_t held_bytes_ = 0;
};

}  // namespace postern::upstream
