#include "core/upstream/child/pipes.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/base/units.h"
#include "core/upstream/child/line_reader.h"
#include "core/upstream/child/turn_slice.h"

namespace postern::upstream {
namespace {

constexpr std::size_t kBytesPerTurn = std::size_t{256} * 1024;
constexpr std::size_t kBytesAfterEnd = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kLinesPerWrite = 64;
// A pipe is closed a moment before its process has ended, and the process's end says more.
constexpr std::uint64_t kWaitForEndNs = 500'000'000;

// To the loop from threads that may outlive it: nothing is posted once it has been cut.
class WayBack {
public:
    explicit WayBack(net::Loop& loop) : loop_(&loop) {}

    void post(Task task) {
        const std::lock_guard lock(mutex_);
        if (loop_ != nullptr) loop_->post(std::move(task));
    }
    [[nodiscard]] bool is_cut() {
        const std::lock_guard lock(mutex_);
        return loop_ == nullptr;
    }
    void cut() {
        const std::lock_guard lock(mutex_);
        loop_ = nullptr;
    }

private:
    std::mutex mutex_;
    net::Loop* loop_;
};

// What the process writes; its own watcher, since a loop tells watchers apart and not descriptors.
template <class Owner>
class PipeEnd final : public net::Watcher {
public:
    PipeEnd(net::Loop& loop, Owner& owner, void (Owner::*ready)())
        : loop_(loop), owner_(owner), ready_(ready) {}
    ~PipeEnd() override { close(); }
    PipeEnd(const PipeEnd&) = delete;
    PipeEnd& operator=(const PipeEnd&) = delete;

    void on_ready(std::uint32_t) override { (owner_.*ready_)(); }
    void open(UniqueFd fd) { fd_ = std::move(fd); }
    void close() {
        unwatch();
        fd_.reset();
    }
    [[nodiscard]] bool watch(std::uint32_t events) {
        if (!is_watched_ && fd_) is_watched_ = loop_.watch(fd_.get(), events, *this).ok();
        return is_watched_;
    }
    void unwatch() {
        if (std::exchange(is_watched_, false)) loop_.unwatch(fd_.get(), *this);
    }
    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] bool is_watched() const { return is_watched_; }
    explicit operator bool() const { return static_cast<bool>(fd_); }

private:
    net::Loop& loop_;
    Owner& owner_;
    void (Owner::*ready_)();
    UniqueFd fd_;
    bool is_watched_ = false;
};

class Pipes final : public std::enable_shared_from_this<Pipes> {
public:
    Pipes(net::Loop& loop, ChildEvents& events, std::size_t max_line)
        : loop_(loop),
          events_(&events),
          max_line_(max_line),
          reader_(max_line),
          way_back_(std::make_shared<WayBack>(loop)) {}

    void start(WorkerPool& pool, LaunchChild launch, const ChildIdentity& identity);
    void abandon();

    void send(std::string line);
    [[nodiscard]] std::size_t queued() const { return queued_; }
    void pause();
    void resume();
    void stop();
    [[nodiscard]] pid_t pid() const { return process_ ? process_->pid() : 0; }

private:
    // Runs `member` later on the loop, if there is this object still.
    [[nodiscard]] Task later(void (Pipes::*member)());
    void started(StartedChild child);
    void ended(std::string how);

    void write_out();
    void input_broken();

    void read_in();
    void take_up();
    void come_back(const TurnSlice& slice);
    void go_on();
    [[nodiscard]] bool has_backlog() const { return backlog_ && (!stopping_ || is_broken_); }
    [[nodiscard]] bool read_some(std::size_t most);
    void deliver();
    void output_ended();
    void line_too_long();
    void broken(const char* why);
    void finish_if_over();
    void finish(const std::string& why);

    net::Loop& loop_;
    ChildEvents* events_;  // null after on_end()
    const std::size_t max_line_;
    LineReader reader_;
    std::shared_ptr<WayBack> way_back_;
    std::shared_ptr<LiveChild> process_;
    PipeEnd<Pipes> input_{loop_, *this, &Pipes::write_out};
    PipeEnd<Pipes> output_{loop_, *this, &Pipes::read_in};
    TimerId timer_ = 0;

    std::deque<std::string> queue_;  // each with its line feed
    std::size_t written_ = 0;        // of the first
    std::size_t queued_ = 0;
    bool write_is_due_ = false;
    bool was_high_ = false;

    bool paused_ = false;
    bool delivering_ = false;
    bool backlog_ = false;  // there may be lines in the reader; go_on() comes
    bool comes_back_ = false;
    std::size_t taken_after_end_ = 0;
    bool stopping_ = false;
    bool is_broken_ = false;          // its process is killed if it does not end within a moment
    std::optional<std::string> end_;  // how the process ended
};

void Pipes::start(WorkerPool& pool, LaunchChild launch, const ChildIdentity& identity) {
    const bool taken = pool.post(
        [way_back = way_back_, weak = weak_from_this(), launch = std::move(launch), identity] {
            if (way_back->is_cut()) return;
            auto child = launch(identity, [way_back, weak](std::string how) {
                way_back->post([weak, how = std::move(how)] {
                    if (const auto self = weak.lock()) self->ended(how);
                });
            });
            if (!child) {
                way_back->post([weak, why = "could not be started: " + child.error().message] {
                    if (const auto self = weak.lock()) self->finish(why);
                });
                return;
            }
            // Shared, since a task can be copied; killed by its destructor if nobody is there to
            // take it.
            const auto started = std::make_shared<StartedChild>(std::move(*child));
            way_back->post([weak, started] {
                if (const auto self = weak.lock()) self->started(std::move(*started));
            });
        });
    if (taken) return;
    loop_.defer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->finish("could not be started: the gate has too much to do");
        }
    });
}

void Pipes::abandon() {
    events_ = nullptr;
    way_back_->cut();
    loop_.cancel(timer_);
    input_.close();
    output_.close();
    if (process_ && (!stopping_ || is_broken_)) process_->kill();
}

Task Pipes::later(void (Pipes::*member)()) {
    return [weak = weak_from_this(), member] {
        if (const auto self = weak.lock()) (self.get()->*member)();
    };
}

void Pipes::started(StartedChild child) {
    if (events_ == nullptr) return;
    process_ = std::exchange(child.process, nullptr);
    output_.open(std::move(child.output));
    events_->on_started(process_->pid());
    if (end_) {  // the news of its end came first
        process_.reset();
        return finish_if_over();
    }
    input_.open(std::move(child.input));
    write_out();
    if (stopping_) {
        input_.close();
        process_->end_in_steps();
    }
    if (!paused_ && !output_.watch(EPOLLIN)) process_->kill();
}

void Pipes::ended(std::string how) {
    if (events_ == nullptr) return;
    end_ = std::move(how);
    if (!process_) return;  // started() is on its way
    process_.reset();
    input_.close();
    finish_if_over();
}

void Pipes::send(std::string line) {
    if (events_ == nullptr || stopping_ || end_) return;
    // A line feed outside a string is space to JSON; here it would end the message.
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    queued_ += line.size();
    was_high_ = was_high_ || queued_ >= StdioChild::kHighWater;
    queue_.push_back(std::move(line));
    if (!input_ || input_.is_watched()) return;  // not started, or the pipe is full
    // Once a turn: what comes for one child at a time goes in one write.
    if (!std::exchange(write_is_due_, true)) loop_.defer(later(&Pipes::write_out));
}

void Pipes::write_out() {
    const auto self = shared_from_this();  // on_end() may be called here, and the child given up
    write_is_due_ = false;
    while (input_ && !queue_.empty()) {
        std::array<iovec, kLinesPerWrite> parts;
        const std::size_t count = std::min(queue_.size(), parts.size());
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t skip = i == 0 ? written_ : 0;
            parts[i] = {queue_[i].data() + skip, queue_[i].size() - skip};
        }
        const ssize_t written = ::writev(input_.fd(), parts.data(), static_cast<int>(count));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) {
            if (!input_.watch(EPOLLOUT)) input_broken();
            return;
        }
        if (written < 0) return input_broken();
        auto left = static_cast<std::size_t>(written);
        queued_ -= left;
        left += std::exchange(written_, 0);
        while (!queue_.empty() && left >= queue_.front().size()) {
            left -= queue_.front().size();
            queue_.pop_front();
        }
        written_ = left;
        if (was_high_ && queued_ < StdioChild::kHighWater) {
            was_high_ = false;
            if (events_ != nullptr) events_->on_writable();
        }
    }
    input_.unwatch();
}

void Pipes::input_broken() {
    input_.close();
    queue_.clear();
    queued_ = written_ = 0;
    broken("closed its standard input");
}

void Pipes::pause() {
    paused_ = true;
    output_.unwatch();
}

void Pipes::resume() {
    if (!std::exchange(paused_, false)) return;
    loop_.defer(later(&Pipes::take_up));
}

// What was read before the pause comes first.
void Pipes::take_up() {
    if (paused_ || events_ == nullptr) return;
    deliver();
    if (end_) {
        finish_if_over();
    } else if (!paused_ && !backlog_ && output_ && !output_.watch(EPOLLIN) && process_) {
        process_->kill();
    }
}

void Pipes::stop() {
    if (std::exchange(stopping_, true)) return;
    if (process_) {
        write_out();
        input_.close();
        process_->end_in_steps();
    }
    // Nobody waits for what it still has to say if nobody listens.
    if (end_) loop_.defer(later(&Pipes::finish_if_over));
}

void Pipes::read_in() {
    const auto self = shared_from_this();
    if (!read_some(kBytesPerTurn)) output_ended();
}

// False at the end of the stream.
bool Pipes::read_some(std::size_t most) {
    for (std::size_t taken = 0; taken < most && !paused_ && !backlog_ && output_;) {
        if (reader_.unfinished() > ChildEvents::kLongLine && events_ != nullptr) {
            events_->on_long_line(max_line_);
            if (paused_ || !output_) return true;
        }
        const std::span<char> space = reader_.space();
        const ssize_t count = ::read(output_.fd(), space.data(), space.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return true;
        if (count <= 0) return false;
        reader_.filled(static_cast<std::size_t>(count));
        taken += static_cast<std::size_t>(count);
        deliver();
        if (static_cast<std::size_t>(count) < space.size()) return true;
    }
    return true;
}

void Pipes::deliver() {
    if (std::exchange(delivering_, true)) return;
    const TurnSlice slice(loop_);
    backlog_ = false;
    while (!paused_ && !backlog_ && events_ != nullptr) {
        const auto line = reader_.next();
        if (!line) break;
        events_->on_line(*line);
        backlog_ = slice.is_over();
    }
    delivering_ = false;
    reader_.give_memory_back();
    if (reader_.too_long() && events_ != nullptr) return line_too_long();
    if (backlog_) come_back(slice);
}

// In the loop's next turn, after what else there is. Whoever came too late in this one is before
// those that did not.
void Pipes::come_back(const TurnSlice& slice) {
    output_.unwatch();
    if (std::exchange(comes_back_, true)) return;
    if (slice.was_late()) return loop_.post(later(&Pipes::go_on));
    loop_.defer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->loop_.post(self->later(&Pipes::go_on));
    });
}

void Pipes::go_on() {
    comes_back_ = false;
    take_up();
}

void Pipes::output_ended() {
    output_.close();
    broken("closed its standard output");
}

void Pipes::line_too_long() {
    stopping_ = true;
    if (process_) process_->kill();
    output_.close();
    finish("sent a line of more than " + format_size(max_line_));
}

// Without the steps of stop(), so that by the time that nobody counts the process any more it is
// dead. One that is in these steps may close what it likes.
void Pipes::broken(const char* why) {
    if (std::exchange(stopping_, true) || end_) return;
    is_broken_ = true;
    input_.close();
    timer_ = loop_.run_at(loop_.now_ns() + kWaitForEndNs, [weak = weak_from_this(), why] {
        const auto self = weak.lock();
        if (!self || self->end_) return;
        if (self->process_) self->process_->kill();
        self->finish(why);
    });
}

// Once the process has ended: what is in the pipe is read to its end, unless nobody takes it now.
// A process of another session may hold the pipe open and fill it, so there is a bound.
void Pipes::finish_if_over() {
    if (events_ == nullptr) return;
    if (paused_ && !stopping_) return;  // resume() comes back here
    if (has_backlog()) return;          // and so does go_on()
    while (taken_after_end_ < kBytesAfterEnd && output_ && !paused_ && !backlog_) {
        const std::span<char> space = reader_.space();
        const ssize_t count = ::read(output_.fd(), space.data(), space.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        reader_.filled(static_cast<std::size_t>(count));
        taken_after_end_ += static_cast<std::size_t>(count);
        deliver();
        if (events_ == nullptr) return;
    }
    if ((paused_ && !stopping_) || has_backlog()) return;
    output_.close();
    if (!paused_) {
        deliver();
        if (has_backlog()) return;
        if (const auto line = events_ != nullptr ? reader_.rest() : std::nullopt) {
            events_->on_line(*line);
        }
    }
    finish(*end_);
}

void Pipes::finish(const std::string& why) {
    if (events_ == nullptr) return;
    loop_.cancel(timer_);
    output_.close();
    input_.close();
    std::exchange(events_, nullptr)->on_end(why);
}

class PipedChild final : public StdioChild {
public:
    explicit PipedChild(std::shared_ptr<Pipes> pipes) : pipes_(std::move(pipes)) {}
    ~PipedChild() override { pipes_->abandon(); }
    PipedChild(const PipedChild&) = delete;
    PipedChild& operator=(const PipedChild&) = delete;

    void send(std::string line) override { pipes_->send(std::move(line)); }
    [[nodiscard]] std::size_t queued() const override { return pipes_->queued(); }
    void pause() override { pipes_->pause(); }
    void resume() override { pipes_->resume(); }
    void stop() override { pipes_->stop(); }
    [[nodiscard]] pid_t pid() const override { return pipes_->pid(); }

private:
    std::shared_ptr<Pipes> pipes_;
};

}  // namespace

std::unique_ptr<StdioChild> start_piped_child(net::Loop& loop, WorkerPool& pool, LaunchChild launch,
                                              const ChildIdentity& identity, ChildEvents& events,
                                              std::size_t max_line) {
    auto pipes = std::make_shared<Pipes>(loop, events, max_line);
    pipes->start(pool, std::move(launch), identity);
    return std::make_unique<PipedChild>(std::move(pipes));
}

}  // namespace postern::upstream
