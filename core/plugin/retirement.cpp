#include "core/plugin/retirement.h"

#include <algorithm>
#include <utility>

namespace postern::plugin {
namespace {

// Between two looks: most are done at once, the rest may take their time.
constexpr std::chrono::milliseconds kFirstPause{2};
constexpr std::chrono::milliseconds kLongestPause{64};
// What the last looks may take when the time is over.
constexpr std::chrono::milliseconds kGivingUp{500};

}  // namespace

Retirement::~Retirement() {
    settle();
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Retirement::retire(Look look, Time until) {
    const std::lock_guard lock(mutex_);
    works_.push_back({std::move(look), until});
    news_ = true;
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    changed_.notify_all();
}

void Retirement::settle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return settled(); });
}

bool Retirement::settle_until(Time until) {
    std::unique_lock lock(mutex_);
    limit_ = std::min(limit_, until);
    news_ = true;
    changed_.notify_all();
    return changed_.wait_until(lock, until + kGivingUp, [this] { return settled(); });
}

void Retirement::run() {
    std::unique_lock lock(mutex_);
    std::chrono::milliseconds pause = kFirstPause;
    while (true) {
        if (works_.empty()) {
            changed_.wait(lock, [this] { return ending_ || !works_.empty(); });
            if (works_.empty()) return;
        }
        if (std::exchange(news_, false)) pause = kFirstPause;
        std::list<Work> round = std::exchange(works_, {});
        const Time limit = limit_;
        looking_ = true;
        lock.unlock();
        round.remove_if([limit](const Work& work) {
            const bool over = std::chrono::steady_clock::now() >= std::min(work.until, limit);
            return work.look(over ? Patience::over : Patience::left) || over;
        });
        lock.lock();
        works_.splice(works_.begin(), round);
        looking_ = false;
        if (works_.empty()) {
            changed_.notify_all();
            continue;
        }
        changed_.wait_for(lock, pause, [this] { return news_; });
        pause = std::min(pause * 2, kLongestPause);
    }
}

}  // namespace postern::plugin
