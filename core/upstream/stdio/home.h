#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/log.h"
#include "core/mcp/message_outline.h"
#include "core/upstream/stdio/budget.h"
#include "core/upstream/stdio/child.h"
#include "core/upstream/stdio/stream.h"

namespace postern::upstream {

class StdioBackend;

// Why something is not done, and when to ask again.
struct StdioRefusal {
    Reason reason = 0;
    std::string detail;               // for the log
    std::uint64_t retry_after_s = 0;  // 0: nothing is said
    LogLevel level = LogLevel::notice;
};

// Whom a child serves.
struct StdioTenant {
    std::string key;   // what sessions and children are told apart by; see tenant_of()
    std::string peer;  // the address that the first request came from; for the log
    ChildIdentity child;
};

// Where a child lives: starts it, writes and reads its lines, holds it back while a client is
// behind, ends it when nobody needs it. What the lines mean is for the two kinds: a session of the
// older era, or a child that one identity's clients of the newer era share. On one loop, but for
// what is said to be for any thread.
class StdioHome : public StdioStream::Source,
                  public std::enable_shared_from_this<StdioHome>,
                  private ChildEvents {
public:
    static constexpr std::size_t kMaxInFlight = 1024;
    static constexpr std::uint64_t kStalledNs = 10'000'000'000;

    // `id`: of the session; empty for a child that is shared.
    StdioHome(std::weak_ptr<StdioBackend> backend, net::Loop& loop, StdioTenant tenant,
              std::string id);
    ~StdioHome() override;
    StdioHome(const StdioHome&) = delete;
    StdioHome& operator=(const StdioHome&) = delete;

    // Any thread.
    [[nodiscard]] net::Loop& loop() const { return loop_; }
    [[nodiscard]] const StdioTenant& tenant() const { return tenant_; }
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const std::shared_ptr<StdioBudget>& budget() const { return budget_; }
    [[nodiscard]] bool attended() const { return attended_.load(std::memory_order_relaxed) > 0; }
    [[nodiscard]] std::uint64_t last_used_ns() const {
        return last_used_ns_.load(std::memory_order_relaxed);
    }

    void begin();  // once, before anything else
    // Its clients are told, its child is stopped, it is found no more.
    void end(const std::string& why);
    // No further requests come: what is under way completes, streams that wait end.
    void retire();

    void on_stream_gone(StdioStream& stream) final;
    void on_stream_room(StdioStream& stream) final;

protected:
    virtual void on_message(const mcp::MessageOutline& message) = 0;
    virtual void on_child_lost(const std::string& why) = 0;
    virtual void on_client_gone(StdioStream& stream) = 0;
    // A client that others share the child with has been behind for kStalledNs.
    virtual void on_stalled(StdioStream&) {}
    virtual void on_ended() = 0;    // tell whoever still waits
    virtual void on_retired() = 0;  // end the streams that wait for what may never come
    [[nodiscard]] virtual bool idle() const = 0;  // nothing is in flight

    // Empty, or why there is no child.
    [[nodiscard]] std::optional<StdioRefusal> start_child();
    [[nodiscard]] bool has_child() const { return child_ != nullptr; }
    // Nothing more is taken on while the child leaves this much unread.
    [[nodiscard]] bool child_is_behind() const;
    void write(std::string line);
    // An answer of the gate's own to what the child asked. While it takes those in no more, it is
    // held back: else one that asks and does not read would fill the gate.
    void answer_child(std::string line);
    // What a client is told. While it is behind with events the child is held back.
    void send(const std::shared_ptr<StdioStream>& stream, const StdioPart& part);

    // The gate's own no. `id`: the request's, as JSON; empty without one.
    void refuse(const std::shared_ptr<StdioStream>& stream, std::string_view id,
                const StdioRefusal& refusal, bool last = true);

    // The JSON-RPC error of a failure, for a stream whose head has left already.
    [[nodiscard]] static std::string failure_text(std::string_view id, Reason reason);

    void attend(int change);  // clients that wait, or hold a stream open
    void touch();
    void end_if_retired();
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] bool retired() const { return retired_; }
    [[nodiscard]] std::shared_ptr<StdioBackend> backend() const { return backend_.lock(); }
    // Runs `task` after `delay_ns` unless this has ended by then.
    void later(std::uint64_t delay_ns, Task task);
    void log(LogLevel level, std::string_view message, const std::string& detail = {}) const;

private:
    void on_started(pid_t pid) final;
    void on_line(std::string_view line) final;
    void on_long_line(std::size_t most) final;
    void on_writable() final;
    void on_end(const std::string& why) final;
    void drop_child();
    void release(StdioStream& stream);
    void take_message(std::string_view text);
    void take_batch(std::string_view line);
    void hold_back_or_go_on();
    void wait_for_budget();
    void watch_long_line();
    void watch_budget();
    void give_line_back();
    void watch_answers();
    void watch_stalled();
    void watch_idleness();

    std::weak_ptr<StdioBackend> backend_;
    net::Loop& loop_;
    StdioTenant tenant_;
    std::string id_;
    std::shared_ptr<StdioBudget> budget_;
    std::unique_ptr<StdioChild> child_;
    std::uint64_t child_started_ns_ = 0;
    bool child_answered_ = false;  // anything at all
    struct Behind {
        StdioStream* stream;  // compared only
        std::uint64_t since_ns;
    };
    std::vector<Behind> behind_;      // the oldest first; while there are any the child is paused
    std::size_t answered_bytes_ = 0;  // answers of ours since its input had room last
    bool answers_wait_ = false;       // more of them than it may leave unread
    std::uint64_t line_began_ns_ = 0;
    std::size_t line_bytes_ = 0;  // taken of the budget for a long line under way
    bool waits_for_budget_ = false;
    bool line_watched_ = false;
    bool budget_watched_ = false;
    bool held_back_ = false;
    bool stalled_watched_ = false;
    std::atomic<int> attended_{0};
    std::atomic<std::uint64_t> last_used_ns_;
    TimerId idle_timer_ = 0;
    bool retired_ = false;
    bool ended_ = false;
};

}  // namespace postern::upstream
