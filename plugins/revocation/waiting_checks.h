// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "postern/plugin.hpp"

namespace postern::revocation {

// Checks that must read a CRL's file once more for its signature. One pool thread works them off
// in turn, so that many connections that wait for the same CRL have it checked once, and do not
// take every thread of the pool. [any]
class WaitingChecks {
public:
    using Check = std::function<sdk::Verdict()>;  // blocks

    explicit WaitingChecks(sdk::Host host) : executor_(host) {}

    // Completes the call in any case, later or at once; answers what the hook must return.
    sdk::Verdict add(const sdk::Call& call, Check check);

private:
    struct Waiting {
        sdk::Operation operation;
        Check check;
    };
    void work();

    sdk::Executor executor_;
    std::mutex mutex_;
    std::vector<Waiting> waiting_;
    bool working_ = false;
};

}  // namespace postern::revocation
