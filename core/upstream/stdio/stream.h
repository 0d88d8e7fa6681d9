#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/base/reason_table.h"
#include "core/net/loop.h"
#include "core/upstream/stdio/budget.h"

namespace postern::upstream {

// What the child's side tells the exchange that waits for it.
struct StdioPart {
    enum class Kind : std::uint8_t {
        open,     // an event stream that may stay silent for long: its head leaves at once
        event,    // a message; more follow
        answer,   // a response; `last` ends the exchange
        failure,  // the gate could not get one: `reason`, `detail`, and `text` for an open stream
        status,   // an HTTP status and a JSON text or none; ends the exchange
        end,      // nothing more comes: an event stream that had no response to wait for
    };
    Kind kind = Kind::event;
    std::string_view text;       // one JSON-RPC message
    std::uint64_t sequence = 0;  // of the event within its stream; 0: it has no id
    int status = 200;
    Reason reason = 0;
    std::string_view detail;          // for the log
    std::uint64_t retry_after_s = 0;  // 0: nothing is said
    std::string_view allow;           // the Allow header of a 405
    bool last = true;                 // of `answer` and `failure`
    bool establishes_session = true;  // false: the answer to an initialize that failed
};

// The way between one exchange, on its client's loop, and the child it waits for, on the child's
// loop, which may be the same one: then everything is a plain call. Shared by both ends, each of
// which may be gone at any time: it holds the one weakly, and the other takes its pointer back.
class StdioStream final : public std::enable_shared_from_this<StdioStream> {
public:
    // The exchange.
    class Reader {
    public:
        virtual ~Reader() = default;
        virtual void take(const StdioPart& part) = 0;  // may destroy the reader
        [[nodiscard]] virtual std::size_t pending() const = 0;
        // Of that what waits outside the response: it counts in the budget.
        [[nodiscard]] virtual std::size_t held() const = 0;
    };
    // Where the child lives.
    class Source {
    public:
        virtual ~Source() = default;
        virtual void on_stream_gone(StdioStream& stream) = 0;
        virtual void on_stream_room(StdioStream& stream) = 0;
    };

    // `number`: of the stream within its session.
    StdioStream(net::Loop& client, net::Loop& home, std::uint64_t number, Reader& reader);

    [[nodiscard]] std::uint64_t number() const { return number_; }
    // Before the first call_home(). `budget` is what its source may leave waiting for clients.
    void connect(std::weak_ptr<Source> source, std::shared_ptr<StdioBudget> budget);
    // Others wait for what its client does not take.
    [[nodiscard]] bool presses() const { return budget_ && budget_->spent(); }

    // The client's loop. Runs `task` where the child lives: at once if that is here.
    void call_home(Task task);
    void writable();
    // The source is told unless it was it that ended the answer.
    enum class Answered : bool { no = false, yes = true };
    void reader_gone(Answered answered);

    // The child's loop. `part` need only live for the call.
    void send(const StdioPart& part);
    // More waits for the client than ResponseStream::kHighWater: on_stream_room() follows.
    [[nodiscard]] bool behind();

private:
    void count_held();
    void arrived(const StdioPart& part);
    [[nodiscard]] std::size_t waiting() const;
    void report_room();

    net::Loop& client_;
    net::Loop& home_;
    std::uint64_t number_;
    bool same_loop_;
    std::weak_ptr<Source> source_;
    std::shared_ptr<StdioBudget> budget_;
    std::size_t counted_ = 0;  // of the reader's, in the budget; the client's loop
    Reader* reader_;           // the client's loop

    // Between two loops the child's side cannot ask the response how much waits in it.
    std::atomic<std::size_t> on_the_way_{0};
    std::atomic<std::size_t> pending_{0};
    std::atomic<bool> source_waits_{false};
};

}  // namespace postern::upstream
