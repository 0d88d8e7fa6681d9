#include "core/upstream/child/reaper.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "core/net/loop.h"
#include "core/upstream/child/error_log.h"

namespace postern::upstream {
namespace {

constexpr int kPidfd = 3;  // P_PIDFD, which the C library's headers lack
constexpr std::uint64_t kLookAgainNs = 20'000'000;
constexpr int kMostLooks = 250;
constexpr std::size_t kErrorBytesPerTurn = std::size_t{64} * 1024;
// A child that says this much at once is not listened to for a while: it waits, and what it says in
// vain costs no processor.
constexpr std::size_t kManyErrorBytes = std::size_t{16} * 1024;
constexpr std::uint64_t kErrorRestNs = 10'000'000;

class Kept;

struct Table {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<const Kept*, std::shared_ptr<Kept>> children;  // until they are reaped
};

struct Reaper {
    std::unique_ptr<net::Loop> loop;
    Table table;
};

std::string describe(const siginfo_t& info) {
    if (info.si_pid == 0) return "ended";
    if (info.si_code == CLD_EXITED) return "exited with code " + std::to_string(info.si_status);
    const char* name = ::sigabbrev_np(info.si_status);
    return "killed by signal " + std::to_string(info.si_status) +
           (name != nullptr ? " (" + std::string(name) + ")" : "");
}

// A child and what the reaper's thread knows of it. The thread's own, but for the part under
// `mutex_`.
class Kept final : public LiveChild,
                   public net::Watcher,
                   public std::enable_shared_from_this<Kept> {
public:
    Kept(Reaper& reaper, SpawnedChild& child, std::string route, OnChildEnd on_end)
        : reaper_(reaper),
          pid_(child.pid),
          pidfd_(std::move(child.pidfd)),
          errors_(*this, std::move(child.errors), std::move(route)),
          on_end_(std::move(on_end)) {}

    [[nodiscard]] pid_t pid() const override { return pid_; }

    void kill() override { signal(SIGKILL); }

    void end_in_steps() override {
        reaper_.loop->post([self = shared_from_this()] { self->begin_steps(); });
    }

    void watch() {
        errors_.watch();
        // Where the descriptor cannot be watched, the child is looked at now and then.
        is_watched_ = reaper_.loop->watch(pidfd_.get(), EPOLLIN, *this).ok();
        if (!is_watched_) look_again();
    }

    void on_ready(std::uint32_t) override { look(); }

private:
    class Errors final : public net::Watcher {
    public:
        Errors(Kept& child, UniqueFd fd, std::string route)
            : child_(child),
              fd_(std::move(fd)),
              log_(std::move(route), std::to_string(child.pid_)) {}

        void watch() { is_watched_ = child_.reaper_.loop->watch(fd_.get(), EPOLLIN, *this).ok(); }
        void on_ready(std::uint32_t) override {
            if (read() >= kManyErrorBytes) rest();
        }
        void close() {
            if (!fd_) return;
            static_cast<void>(read());
            if (!fd_) return;
            finish();
        }

    private:
        [[nodiscard]] std::size_t read();  // how much
        void rest();
        void finish() {
            if (is_watched_) child_.reaper_.loop->unwatch(fd_.get(), *this);
            is_watched_ = false;
            fd_.reset();
            log_.end();
        }

        Kept& child_;
        UniqueFd fd_;
        ChildErrorLog log_;
        bool is_watched_ = false;
    };

    void signal(int number) {
        const std::lock_guard lock(mutex_);
        // Until it is reaped the number can be nobody else's: not the process's, not the group's.
        if (!reaped_) ::kill(-pid_, number);
    }

    void begin_steps() {
        if (timer_ != 0 || is_over_) return;
        timer_ = reaper_.loop->run_at(reaper_.loop->now_ns() + ChildReaper::kGraceNs,
                                      [self = shared_from_this()] { self->terminate(); });
    }

    void terminate() {
        signal(SIGTERM);
        timer_ = reaper_.loop->run_at(reaper_.loop->now_ns() + ChildReaper::kGraceNs,
                                      [self = shared_from_this()] { self->kill(); });
    }

    void look_again() {
        reaper_.loop->run_at(reaper_.loop->now_ns() + kLookAgainNs, [self = shared_from_this()] {
            if (!self->is_over_) self->look();
            if (!self->is_over_) self->look_again();
        });
    }

    void look();
    void reap_group(int looks);

    Reaper& reaper_;
    const pid_t pid_;
    UniqueFd pidfd_;
    Errors errors_;
    OnChildEnd on_end_;
    TimerId timer_ = 0;
    bool is_watched_ = false;
    bool is_over_ = false;

    std::mutex mutex_;
    bool reaped_ = false;  // under mutex_
};

void Kept::Errors::rest() {
    if (!fd_) return;
    net::Loop& loop = *child_.reaper_.loop;
    if (std::exchange(is_watched_, false)) loop.unwatch(fd_.get(), *this);
    loop.run_at(loop.now_ns() + kErrorRestNs, [this, alive = child_.shared_from_this()] {
        if (fd_ && !is_watched_) watch();
    });
}

std::size_t Kept::Errors::read() {
    std::array<char, 16384> chunk;
    std::size_t taken = 0;
    while (taken < kErrorBytesPerTurn) {
        const ssize_t count = ::read(fd_.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return taken;
        if (count <= 0) {
            finish();
            return taken;
        }
        taken += static_cast<std::size_t>(count);
        log_.read({chunk.data(), static_cast<std::size_t>(count)}, child_.reaper_.loop->now_ns());
    }
    return taken;
}

void Kept::look() {
    siginfo_t info{};
    {
        const std::lock_guard lock(mutex_);
        const auto look_at = [&](int how) {
            return ::waitid(static_cast<idtype_t>(kPidfd), static_cast<id_t>(pidfd_.get()), &info,
                            WEXITED | WNOHANG | how) == 0;
        };
        // Not reaped yet, only looked at: with the number still its own, what is left of its group
        // goes first. ECHILD: somebody else has reaped it.
        if (look_at(WNOWAIT)) {
            if (info.si_pid == 0) return;
            ::kill(-pid_, SIGKILL);
            look_at(0);
        } else if (errno != ECHILD) {
            return;
        }
        reaped_ = true;
    }
    const auto self = shared_from_this();
    is_over_ = true;
    if (is_watched_) reaper_.loop->unwatch(pidfd_.get(), *this);
    pidfd_.reset();
    reaper_.loop->cancel(timer_);
    errors_.close();
    {
        const std::lock_guard lock(reaper_.table.mutex);
        reaper_.table.children.erase(this);
    }
    reaper_.table.changed.notify_all();
    const OnChildEnd on_end = std::exchange(on_end_, nullptr);
    on_end(describe(info));
    reap_group(0);
}

// As process 1 of a container, the gate inherits what its children leave behind.
void Kept::reap_group(int looks) {
    siginfo_t info{};
    while (::waitid(P_PGID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) == 0) {
        if (info.si_pid != 0) continue;
        if (looks == kMostLooks) return;
        reaper_.loop->run_at(reaper_.loop->now_ns() + kLookAgainNs,
                             [self = shared_from_this(), looks] { self->reap_group(looks + 1); });
        return;
    }
}

std::unique_ptr<Reaper> start_reaper() {
    auto loop = net::Loop::create(0);
    if (!loop) return nullptr;
    auto reaper = std::make_unique<Reaper>();
    reaper->loop = std::move(*loop);
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread thread([loop = reaper->loop.get()] { loop->run(); });
        ::pthread_setname_np(thread.native_handle(), "children");
        thread.detach();
    } catch (const std::system_error&) {
        reaper.reset();
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return reaper;
}

// Never destroyed: the thread runs until the process ends.
std::atomic<Reaper*> the_reaper{nullptr};

Reaper* started_reaper() {
    static Reaper* const reaper = [] {
        Reaper* const started = start_reaper().release();
        the_reaper.store(started);
        return started;
    }();
    return reaper;
}

// On the reaper's thread.
void pass_later(net::Loop& loop, std::weak_ptr<StartDeadline> weak, std::uint64_t wait_ns) {
    loop.run_at(loop.now_ns() + wait_ns, [&loop, weak = std::move(weak)] {
        const auto deadline = weak.lock();
        if (deadline && !deadline->pass()) pass_later(loop, deadline, kLookAgainNs);
    });
}

}  // namespace

std::shared_ptr<StartDeadline> ChildReaper::limit_start(std::uint64_t longest_ns) {
    Reaper* const reaper = started_reaper();
    if (reaper == nullptr) return nullptr;
    auto deadline = std::make_shared<StartDeadline>();
    reaper->loop->post([&loop = *reaper->loop, weak = std::weak_ptr<StartDeadline>(deadline),
                        longest_ns] { pass_later(loop, weak, longest_ns); });
    return deadline;
}

Result<std::shared_ptr<LiveChild>> ChildReaper::keep(SpawnedChild& child, std::string route,
                                                     OnChildEnd on_end) {
    Reaper* const reaper = started_reaper();
    if (reaper == nullptr) {
        ::kill(-child.pid, SIGKILL);
        while (::waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        return internal_error("cannot start the thread that waits for child processes");
    }
    auto kept = std::make_shared<Kept>(*reaper, child, std::move(route), std::move(on_end));
    {
        const std::lock_guard lock(reaper->table.mutex);
        reaper->table.children.emplace(kept.get(), kept);
    }
    reaper->loop->post([kept] { kept->watch(); });
    return std::shared_ptr<LiveChild>(std::move(kept));
}

std::size_t ChildReaper::live() {
    Reaper* const reaper = the_reaper.load();
    if (reaper == nullptr) return 0;
    const std::lock_guard lock(reaper->table.mutex);
    return reaper->table.children.size();
}

bool ChildReaper::kill_all(std::uint64_t longest_ns) {
    Reaper* const reaper = the_reaper.load();
    if (reaper == nullptr) return true;
    std::unique_lock lock(reaper->table.mutex);
    // kill() takes the child's own mutex, which look() never holds together with this one.
    for (const auto& [key, child] : reaper->table.children) child->kill();
    return reaper->table.changed.wait_for(lock, std::chrono::nanoseconds(longest_ns),
                                          [&] { return reaper->table.children.empty(); });
}

}  // namespace postern::upstream
