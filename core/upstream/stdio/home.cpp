#include "core/upstream/stdio/home.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/mcp/error_body.h"
#include "core/upstream/stdio/backend.h"

namespace postern::upstream {
namespace {

// A child that ends sooner than this and has answered nothing says something of the command. One
// that has, ended over a call: the next call may have another child at once.
constexpr std::uint64_t kYoungNs = 10 * config::kSecond;
// How often a child that is held back for others' sake is looked at.
constexpr std::uint64_t kBudgetWatchNs = config::kSecond / 50;
// What a long line takes of the budget before it is read, whatever max_line allows.
constexpr std::uint64_t kLongestLineNs = 10 * config::kSecond;
constexpr std::size_t kMostForLine = std::size_t{16} << 20;

std::shared_ptr<StdioBudget> budget_in(const std::weak_ptr<StdioBackend>& weak,
                                       const std::string& tenant) {
    const auto backend = weak.lock();
    return std::make_shared<StdioBudget>(
        StdioBudget::kOfHome,
        backend ? backend->budgets().of_identity(tenant) : StdioBudget::of_process());
}

}  // namespace

StdioHome::StdioHome(std::weak_ptr<StdioBackend> backend, net::Loop& loop, StdioTenant tenant,
                     std::string id)
    : backend_(std::move(backend)),
      loop_(loop),
      tenant_(std::move(tenant)),
      id_(std::move(id)),
      budget_(budget_in(backend_, tenant_.key)),
      last_used_ns_(loop.now_ns()) {}

StdioHome::~StdioHome() {
    give_line_back();
}

void StdioHome::begin() {
    watch_idleness();
}

void StdioHome::end(const std::string& why) {
    if (ended_) return;
    ended_ = true;
    const auto self = shared_from_this();
    loop_.cancel(std::exchange(idle_timer_, 0));
    log(LogLevel::info, id_.empty() ? "shared child given up" : "session ended", why);
    const auto backend = backend_.lock();
    const bool kept =
        backend && backend->leave(*this, child_ != nullptr) == StdioBackend::Kept::yes;
    on_ended();
    if (child_) child_->stop();
    // Nobody keeps this until its child has left: that goes its way alone.
    if (child_ && !kept) drop_child();
}

void StdioHome::retire() {
    if (ended_ || retired_) return;
    retired_ = true;
    on_retired();
    end_if_retired();
}

void StdioHome::end_if_retired() {
    if (retired_ && !ended_ && idle()) end("its route is no longer served");
}

std::optional<StdioRefusal> StdioHome::start_child() {
    const auto backend = backend_.lock();
    if (!backend) return StdioRefusal{POSTERN_REASON_SHUTDOWN, "the upstream is gone"};
    if (const std::uint64_t wait = backend->back_off_ns(tenant_.key, loop_.now_ns()); wait > 0) {
        return StdioRefusal{POSTERN_REASON_OVERLOADED,
                            "its last children ended soon after they were started",
                            (wait + config::kSecond - 1) / config::kSecond};
    }
    if (auto refusal = backend->admit_start(tenant_.key, loop_.now_ns())) return refusal;
    child_started_ns_ = loop_.now_ns();
    child_answered_ = false;
    child_ = backend->start_child(loop_, tenant_.child, *this);
    return std::nullopt;
}

bool StdioHome::child_is_behind() const {
    return child_ && child_->queued() > StdioChild::kHighWater;
}

void StdioHome::write(std::string line) {
    if (child_) child_->send(std::move(line));
}

void StdioHome::send(const std::shared_ptr<StdioStream>& stream, const StdioPart& part) {
    stream->send(part);
    if (budget_->spent()) wait_for_budget();
    if (part.kind != StdioPart::Kind::event) return release(*stream);
    if (!stream->behind()) return;
    const auto same = [&](const Behind& one) { return one.stream == stream.get(); };
    if (std::any_of(behind_.begin(), behind_.end(), same)) return;
    behind_.push_back({stream.get(), loop_.now_ns()});
    hold_back_or_go_on();
    if (!id_.empty() || std::exchange(stalled_watched_, true)) return;
    later(kStalledNs, [this] { watch_stalled(); });
}

void StdioHome::watch_stalled() {
    stalled_watched_ = false;
    while (!behind_.empty() && loop_.now_ns() >= behind_.front().since_ns + kStalledNs) {
        StdioStream* const stream = behind_.front().stream;
        on_stalled(*stream);
        std::erase_if(behind_, [&](const Behind& one) { return one.stream == stream; });
    }
    hold_back_or_go_on();
    if (behind_.empty() || ended_) return;
    stalled_watched_ = true;
    later(behind_.front().since_ns + kStalledNs - loop_.now_ns(), [this] { watch_stalled(); });
}

// Only the gate's own answers count, not what clients have sent: a child may well write a lot
// before it reads on.
void StdioHome::answer_child(std::string line) {
    if (!child_) return;
    if (!child_is_behind()) answered_bytes_ = 0;
    answered_bytes_ += line.size();
    write(std::move(line));
    if (answers_wait_ || answered_bytes_ <= StdioChild::kHighWater || !child_is_behind()) return;
    answers_wait_ = true;
    hold_back_or_go_on();
    watch_answers();
}

// One that has ended since never says that it has room.
void StdioHome::watch_answers() {
    later(config::kSecond, [this] {
        if (!answers_wait_) return;
        if (child_is_behind()) return watch_answers();
        on_writable();
    });
}

void StdioHome::on_writable() {
    answered_bytes_ = 0;
    answers_wait_ = false;
    hold_back_or_go_on();
}

void StdioHome::hold_back_or_go_on() {
    const bool hold = child_ && (!behind_.empty() || answers_wait_ || waits_for_budget_);
    if (hold == held_back_) return;
    held_back_ = hold;
    if (!child_) return;
    if (hold) {
        child_->pause();
    } else {
        child_->resume();
    }
}

void StdioHome::on_long_line(std::size_t most) {
    const std::size_t wanted = std::min(most, kMostForLine);
    if (line_bytes_ != 0) return;
    if (!budget_->try_take(wanted)) return wait_for_budget();
    line_bytes_ = wanted;
    line_began_ns_ = loop_.now_ns();
    if (!std::exchange(line_watched_, true)) later(kLongestLineNs, [this] { watch_long_line(); });
}

// Others may be waiting for the room that it holds.
void StdioHome::watch_long_line() {
    line_watched_ = false;
    if (line_bytes_ == 0 || !child_) return;
    const std::uint64_t lasts_ns = loop_.now_ns() - line_began_ns_;
    if (lasts_ns < kLongestLineNs || held_back_ || !budget_->spent()) {
        line_watched_ = true;
        const std::uint64_t wait_ns = kLongestLineNs - std::min(lasts_ns, kLongestLineNs);
        return later(std::max(wait_ns, config::kSecond), [this] { watch_long_line(); });
    }
    on_end("did not finish a line in 10 s while others waited for room");
}

void StdioHome::give_line_back() {
    if (line_bytes_ != 0) budget_->give_back(std::exchange(line_bytes_, 0));
}

void StdioHome::wait_for_budget() {
    // Who has room for a line finishes it first: else all that have would wait for each other.
    if (!child_ || line_bytes_ != 0) return;
    waits_for_budget_ = true;
    hold_back_or_go_on();
    if (!std::exchange(budget_watched_, true)) watch_budget();
}

// Asked, not told: who gives back may be another upstream's client on another loop.
void StdioHome::watch_budget() {
    later(kBudgetWatchNs, [this] {
        if (budget_->spent()) return watch_budget();
        budget_watched_ = waits_for_budget_ = false;
        hold_back_or_go_on();
    });
}

// Where there is a time to name, the answer is written here: ResponseStream::fail() knows none.
void StdioHome::refuse(const std::shared_ptr<StdioStream>& stream, std::string_view id,
                       const StdioRefusal& refusal, bool last) {
    const std::string text = failure_text(id, refusal.reason);
    StdioPart part;
    part.kind = StdioPart::Kind::failure;
    part.text = text;
    part.reason = refusal.reason;
    part.detail = refusal.detail;
    part.last = last;
    if (refusal.retry_after_s > 0) {
        log(refusal.level, "request refused", refusal.detail);
        part.kind = StdioPart::Kind::status;
        part.status = reason_row(refusal.reason).http_status;
        part.retry_after_s = refusal.retry_after_s;
    }
    send(stream, part);
}

std::string StdioHome::failure_text(std::string_view id, Reason reason) {
    return mcp::json_rpc_error(id, static_cast<int>(reason), reason_row(reason).sentence);
}

void StdioHome::release(StdioStream& stream) {
    std::erase_if(behind_, [&](const Behind& one) { return one.stream == &stream; });
    hold_back_or_go_on();
}

void StdioHome::on_stream_room(StdioStream& stream) {
    release(stream);
}

void StdioHome::on_stream_gone(StdioStream& stream) {
    release(stream);
    if (ended_) return;
    on_client_gone(stream);
    end_if_retired();
}

void StdioHome::on_started(pid_t pid) {
    log(LogLevel::info, "child started", "pid " + std::to_string(pid));
}

void StdioHome::on_line(std::string_view line) {
    give_line_back();
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin != std::string_view::npos && line[begin] == '[') return take_batch(line);
    take_message(line);
}

// Revision 2025-03-26 has them, in both directions. Its clients get each message by itself.
void StdioHome::take_batch(std::string_view line) {
    const auto elements = mcp::batch_elements(line);
    if (!elements || !*elements) {
        return log(LogLevel::warning, "child: a batch that cannot be read is dropped",
                   elements ? "not an array" : elements.error().message);
    }
    for (const std::string_view element : **elements) take_message(element);
}

void StdioHome::take_message(std::string_view text) {
    if (ended_) return;
    auto message = mcp::MessageOutline::read(text, mcp::Sender::server);
    if (!message) {
        return log(LogLevel::debug, "child: a line that is no message", message.error().message);
    }
    child_answered_ = child_answered_ || message->kind() == mcp::MessageKind::response;
    on_message(*message);
}

void StdioHome::on_end(const std::string& why) {
    log(LogLevel::info, "child ended", why);
    const auto self = shared_from_this();
    drop_child();
    const auto backend = backend_.lock();
    if (ended_) {
        if (backend) backend->child_left(*this);
        return;
    }
    const bool young = loop_.now_ns() < child_started_ns_ + kYoungNs && !child_answered_;
    if (backend) {
        backend->child_died(tenant_.key, young ? DiedYoung::yes : DiedYoung::no, loop_.now_ns());
    }
    on_child_lost(why);
}

// It stands further up on this stack, and may speak to this until it is gone.
void StdioHome::drop_child() {
    loop_.defer([self = shared_from_this(),
                 child = std::shared_ptr<StdioChild>(std::move(child_))]() mutable {
        child.reset();
        self.reset();
    });
    behind_.clear();
    answered_bytes_ = 0;
    answers_wait_ = held_back_ = waits_for_budget_ = false;
    give_line_back();
}

void StdioHome::attend(int change) {
    attended_.fetch_add(change, std::memory_order_relaxed);
    touch();
}

void StdioHome::touch() {
    last_used_ns_.store(loop_.now_ns(), std::memory_order_relaxed);
}

void StdioHome::later(std::uint64_t delay_ns, Task task) {
    loop_.run_at(loop_.now_ns() + delay_ns, [weak = weak_from_this(), task = std::move(task)] {
        if (const auto self = weak.lock(); self && !self->ended_) task();
    });
}

// A client that waits or holds a stream open is use; one that went away and left a request in
// flight is not.
void StdioHome::watch_idleness() {
    const auto backend = backend_.lock();
    if (!backend) return;
    const std::uint64_t limit = backend->settings().idle_timeout_ns;
    const std::uint64_t used = attended() ? loop_.now_ns() : last_used_ns();
    if (loop_.now_ns() >= used + limit) return end("idle");
    idle_timer_ = loop_.run_at(used + limit, [weak = weak_from_this()] {
        if (const auto self = weak.lock(); self && !self->ended_) self->watch_idleness();
    });
}

void StdioHome::log(LogLevel level, std::string_view message, const std::string& detail) const {
    if (!log::enabled(level)) return;
    const auto backend = backend_.lock();
    log::write(level, "upstream", message,
               {{"route", backend ? backend->settings().route : std::string()},
                {"identity", tenant_.child.name},
                {"peer", tenant_.peer},
                {"detail", detail}});
}

}  // namespace postern::upstream
