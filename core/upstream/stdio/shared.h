#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/upstream/stdio/home.h"
#include "core/upstream/stdio/message.h"

namespace postern::upstream {

// A child that all clients of one identity share in the newer era, which has no sessions. Towards
// the child every request has a number of its own, as id and as progress token; what comes back is
// given the client's again. What cannot be told apart is told to nobody.
class StdioShared final : public StdioHome {
public:
    StdioShared(std::weak_ptr<StdioBackend> backend, net::Loop& loop, StdioTenant tenant);

    // Any thread: a number for a request.
    [[nodiscard]] std::uint64_t next_number() { return next_number_.fetch_add(1) + 1; }

    // A POST. `message.line` has `number` for the client's id and token.
    void take(const std::shared_ptr<StdioStream>& stream, StdioMessage message,
              std::uint64_t number);

private:
    struct Flight {
        std::shared_ptr<StdioStream> stream;
        std::string raw_id;
        std::string raw_token;
        bool listens = false;
        TimerId timeout = 0;
    };
    using Flights = std::map<std::uint64_t, Flight>;

    void take_notice(const std::shared_ptr<StdioStream>& stream, StdioMessage message);
    void forward(std::string line);
    void expire(std::uint64_t number);

    void probe();
    void probed(const mcp::MessageOutline& answer);
    void found_legacy(std::uint64_t for_ns, const std::string& why);

    void on_message(const mcp::MessageOutline& message) override;
    void on_response(const mcp::MessageOutline& message);
    void on_notification(const mcp::MessageOutline& message);
    void on_child_lost(const std::string& why) override;
    void on_client_gone(StdioStream& stream) override;
    void on_stalled(StdioStream& stream) override;
    void on_ended() override;
    void on_retired() override;
    [[nodiscard]] bool idle() const override { return flights_.empty(); }

    [[nodiscard]] Flights::iterator flight_of(std::optional<std::string_view> raw_number);
    [[nodiscard]] Flights::iterator only_flight();
    void pass_on(Flights::iterator flight, const std::string& text);
    void fail_all(Reason reason, const std::string& detail);
    Flight finish(Flights::iterator flight);

    std::atomic<std::uint64_t> next_number_{0};
    Flights flights_;
    std::uint64_t taken_ = 0;  // requests since the child was started
    std::uint64_t probe_ = 0;  // the number of server/discover while its answer is awaited
    std::vector<std::string> held_;
    std::size_t held_bytes_ = 0;
};

}  // namespace postern::upstream
