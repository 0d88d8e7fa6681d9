#include "core/net/fetch_engine.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace postern::net {
namespace {

struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

constexpr int kLongestWaitMilliseconds = 60'000;

}  // namespace

class FetchEngine::State {
public:
    explicit State(const Clock& clock) : clock_(clock) {
        static std::once_flag initialised;
        std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
        multi_.reset(curl_multi_init());
        thread_ = std::thread([this] { run(); });
    }

    ~State() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        curl_multi_wakeup(multi_.get());
        thread_.join();
    }

    postern_rc start(FetchJob job, std::uint64_t& ticket) {
        {
            const std::lock_guard lock(mutex_);
            const auto of_owner =
                std::count_if(owners_.begin(), owners_.end(),
                              [&](const auto& one) { return one.second == job.owner; });
            if (stopping_ || owners_.size() >= kMaxJobs ||
                static_cast<std::size_t>(of_owner) >= kMaxJobsOfOwner) {
                return POSTERN_E_BUSY;
            }
            ticket = next_ticket_++;
            owners_.emplace(ticket, job.owner);
            waiting_.push_back(std::make_unique<FetchTransfer>(ticket, std::move(job)));
        }
        curl_multi_wakeup(multi_.get());
        return POSTERN_OK;
    }

    void cancel(const void* owner, std::uint64_t ticket) {
        {
            const std::lock_guard lock(mutex_);
            const auto found = owners_.find(ticket);
            if (found == owners_.end() || found->second != owner) return;
            cancelled_.push_back(ticket);
        }
        curl_multi_wakeup(multi_.get());
    }

private:
    using Transfer = std::unique_ptr<FetchTransfer>;

    void run() {
        for (;;) {
            std::vector<Transfer> waiting;
            std::vector<std::uint64_t> cancelled;
            bool stopping = false;
            {
                const std::lock_guard lock(mutex_);
                waiting.swap(waiting_);
                cancelled.swap(cancelled_);
                stopping = stopping_;
            }
            for (Transfer& transfer : waiting) begin_hop(std::move(transfer));
            for (const std::uint64_t ticket : cancelled) give_up(ticket, "cancelled");
            if (stopping) break;
            int running = 0;
            curl_multi_perform(multi_.get(), &running);
            if (!take_finished()) {
                curl_multi_poll(multi_.get(), nullptr, 0, kLongestWaitMilliseconds, nullptr);
            }
        }
        while (!transfers_.empty()) give_up(transfers_.begin()->first, "the gate is stopping");
    }

    void begin_hop(Transfer transfer) {
        CURL* easy = transfer->next_hop(clock_.monotonic_ns());
        if (easy == nullptr || curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) {
            if (easy != nullptr) return end(*transfer, POSTERN_E_INTERNAL, "curl took no handle");
            return end(*transfer);
        }
        const std::uint64_t ticket = transfer->ticket();
        transfers_[ticket] = std::move(transfer);
    }

    // True when a message was handled: there may be more to do at once.
    bool take_finished() {
        bool any = false;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            any = true;
            const CURLcode code = message->data.result;
            char* own = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &own);
            const auto ticket = reinterpret_cast<FetchTransfer*>(own)->ticket();
            Transfer transfer = take(ticket);
            if (transfer->hop_done(code)) {
                begin_hop(std::move(transfer));
            } else {
                end(*transfer);
            }
        }
        return any;
    }

    void give_up(std::uint64_t ticket, std::string why) {
        if (!transfers_.contains(ticket)) return;
        end(*take(ticket), POSTERN_E_STALE, std::move(why));
    }

    Transfer take(std::uint64_t ticket) {
        const auto found = transfers_.find(ticket);
        Transfer transfer = std::move(found->second);
        transfers_.erase(found);
        curl_multi_remove_handle(multi_.get(), transfer->handle());
        return transfer;
    }

    // The place is free before `done` runs, so that it may start the next job.
    void end(FetchTransfer& transfer) {
        forget(transfer.ticket());
        transfer.finish();
    }
    void end(FetchTransfer& transfer, postern_rc rc, std::string error) {
        forget(transfer.ticket());
        transfer.finish(rc, std::move(error));
    }
    void forget(std::uint64_t ticket) {
        const std::lock_guard lock(mutex_);
        owners_.erase(ticket);
    }

    const Clock& clock_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::map<std::uint64_t, Transfer> transfers_;  // the thread's own

    std::mutex mutex_;  // over what follows
    bool stopping_ = false;
    std::uint64_t next_ticket_ = 1;
    std::map<std::uint64_t, const void*> owners_;  // of every job that is not done
    std::vector<Transfer> waiting_;
    std::vector<std::uint64_t> cancelled_;
    std::thread thread_;
};

FetchEngine::FetchEngine(const Clock& clock) : state_(std::make_unique<State>(clock)) {}
FetchEngine::~FetchEngine() = default;

postern_rc FetchEngine::start(FetchJob job, std::uint64_t& ticket) {
    return state_->start(std::move(job), ticket);
}

void FetchEngine::cancel(const void* owner, std::uint64_t ticket) {
    state_->cancel(owner, ticket);
}

}  // namespace postern::net
