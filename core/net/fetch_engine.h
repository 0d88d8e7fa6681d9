#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/clock.h"
#include "core/net/fetch_transfer.h"
#include "postern/types.h"

namespace postern::net {

// Runs jobs on a thread of its own. All functions: any thread.
class FetchEngine {
public:
    static constexpr std::size_t kMaxJobs = 64;
    static constexpr std::size_t kMaxJobsOfOwner = 16;

    explicit FetchEngine(const Clock& clock);
    ~FetchEngine();  // jobs under way end as E_STALE
    FetchEngine(const FetchEngine&) = delete;
    FetchEngine& operator=(const FetchEngine&) = delete;

    // E_BUSY: too many are under way. After OK, job.done runs once, on the engine's thread.
    [[nodiscard]] postern_rc start(FetchJob job, std::uint64_t& ticket);
    // job.done still runs, with E_STALE. Nothing happens when the ticket is not of `owner`.
    void cancel(const void* owner, std::uint64_t ticket);

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace postern::net
