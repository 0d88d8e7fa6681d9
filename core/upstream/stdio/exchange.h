#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/net/exchange.h"
#include "core/upstream/stdio/outlet.h"
#include "core/upstream/stdio/stream.h"

namespace postern::upstream {

// One request to a child, as HTTP sees it: writes the answer as JSON when the response is the first
// thing that comes (see Form), else as an event stream, and keeps a silent stream open. On its
// client's loop.
class StdioExchange final : public net::Exchange, private StdioStream::Reader {
public:
    // What every answer of a session, or of the modern era, looks like.
    struct Form {
        std::string session_id;  // told with the answer to initialize; else empty
        std::uint64_t stream = 0;
        bool resumable = false;  // the older era: events have ids
        bool primed = false;     // 2025-11-25: a stream opens with an id, to be resumed from
        // An answer that comes first is an event stream as well, as the official servers of that
        // revision have it; without ids, since nothing is left to resume.
        bool streams_answers = false;
    };
    static constexpr std::uint64_t kKeepAliveNs = 15'000'000'000;  // as the SDK servers do
    // While others wait for the memory that it holds, a client has to take as much in as long.
    static constexpr std::uint64_t kPaceNs = 3'000'000'000;
    static constexpr std::uint64_t kPaceBytes = 192 * 1024;
    // Answers to a batch that are gathered to one JSON array; with more it is an event stream.
    static constexpr std::size_t kMostGathered = 1024 * 1024;

    StdioExchange(net::Caller& caller, net::ResponseStream& response, Form form, net::Loop& home);
    ~StdioExchange() override;
    StdioExchange(const StdioExchange&) = delete;
    StdioExchange& operator=(const StdioExchange&) = delete;

    [[nodiscard]] const std::shared_ptr<StdioStream>& stream() const { return stream_; }
    [[nodiscard]] bool finished() const { return finished_; }
    void on_writable() override;

private:
    void take(const StdioPart& part) override;
    [[nodiscard]] std::size_t pending() const override {
        return response_.pending() + outlet_.held();
    }
    [[nodiscard]] std::size_t held() const override { return outlet_.held() + gathered_bytes_; }

    void go_on();
    void watch_pace();
    void check_pace(std::uint64_t passed_before);
    void write(const StdioPart& part);
    void write_answer(const StdioPart& part);
    void gather(const StdioPart& part);
    void write_failure(const StdioPart& part);
    void write_status(const StdioPart& part);
    void write_event(const StdioPart& part);
    void open_stream(std::uint64_t sequence = 0);
    void finish();
    void keep_alive_at(std::uint64_t at_ns);
    void keep_alive();

    net::Caller& caller_;
    net::Loop& loop_;
    net::ResponseStream& response_;
    StdioOutlet outlet_;
    Form form_;
    std::shared_ptr<StdioStream> stream_;
    std::vector<std::string> gathered_;  // answers to a batch, while no stream is open
    std::size_t gathered_bytes_ = 0;
    std::uint64_t written_ns_;
    TimerId timer_ = 0;
    TimerId pace_timer_ = 0;
    bool streaming_ = false;
    bool ending_ = false;  // nothing more comes; the client has yet to take what waits
    bool finished_ = false;
};

}  // namespace postern::upstream
