// SPDX-License-Identifier: Apache-2.0
#include "waiting_checks.h"

#include <utility>

namespace postern::revocation {

sdk::Verdict WaitingChecks::add(const sdk::Call& call, Check check) {
    sdk::Operation operation = call.defer();
    const std::lock_guard lock(mutex_);
    if (!working_) {
        // Whoever is waiting must be worked off by somebody: without a thread nobody waits.
        const postern_rc rc = executor_.post([this] { work(); });
        if (rc != POSTERN_OK) {
            operation.fail(rc);
            return sdk::Verdict::pending();
        }
        working_ = true;
    }
    waiting_.push_back(Waiting{std::move(operation), std::move(check)});
    return sdk::Verdict::pending();
}

void WaitingChecks::work() {
    while (true) {
        std::vector<Waiting> batch;
        {
            const std::lock_guard lock(mutex_);
            batch.swap(waiting_);
            if (batch.empty()) {
                working_ = false;
                return;
            }
        }
        for (Waiting& each : batch) {
            try {
                static_cast<void>(each.operation.complete(each.check()));
            } catch (...) {
                static_cast<void>(each.operation.fail(POSTERN_E_INTERNAL));
            }
        }
    }
}

}  // namespace postern::revocation
