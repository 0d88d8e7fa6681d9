#include "tests/unit/sdk_fake_host/fake_host.h"

#include <algorithm>

#include "tests/unit/sdk_fake_host/fake_services.h"

namespace postern::fake {

namespace {

std::string own(postern_str value) {
    return std::string(value.data, value.size);
}

}  // namespace

FakeHost::FakeHost() {
    handle_.struct_size = sizeof(postern_host);
    handle_.abi_version = POSTERN_ABI_VERSION;
    handle_.product = "postern";
    handle_.version = "test";
    handle_.owner = this;
    handle_.get_service = [](const postern_host* host, const char* id) -> const void* {
        const auto& services = of(host).services_;
        const auto found = services.find(id);
        return found == services.end() ? nullptr : found->second;
    };
    handle_.set_error = [](const postern_host* host, postern_str message) {
        of(host).errors.push_back(own(message));
    };
    handle_.complete = [](const postern_host* host, postern_op op, postern_rc rc,
                          const postern_verdict* verdict) -> postern_rc {
        auto& done = of(host).completions;
        const auto same = [op](const Completion& completion) { return completion.op == op; };
        if (std::any_of(done.begin(), done.end(), same)) return POSTERN_E_STALE;
        Completion completion{op, rc, 0, 0, "", {}};
        if (rc == POSTERN_OK && verdict != nullptr) {
            completion.action = verdict->action;
            completion.reason = verdict->reason;
            completion.detail = own(verdict->detail);
            completion.facts.assign(verdict->facts, verdict->facts + verdict->fact_count);
        }
        done.push_back(std::move(completion));
        return POSTERN_OK;
    };
    handle_.changed = [](const postern_host* host, uint32_t what) {
        of(host).changes.push_back(what);
    };
    FakeServices::provide_all(*this);
}

void FakeHost::advance(std::chrono::nanoseconds by) {
    const std::uint64_t end = now_ns_ + static_cast<std::uint64_t>(by.count());
    for (;;) {
        const auto first =
            std::min_element(timers_.begin(), timers_.end(),
                             [](const Timer& a, const Timer& b) { return a.due < b.due; });
        if (first == timers_.end() || first->due > end) break;
        const Timer due = *first;
        now_ns_ = std::max(now_ns_, due.due);
        if (due.period == 0) {
            timers_.erase(first);
        } else {
            first->due += due.period;
        }
        due.task(due.user);
    }
    now_ns_ = end;
}

void FakeHost::run_posted() {
    while (!posted_.empty()) {
        const auto [task, user] = posted_.front();
        posted_.pop_front();
        task(user);
    }
}

std::size_t FakeHost::logged(std::uint32_t level, std::string_view part) const {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const Line& line) {
            return line.level == level && line.message.find(part) != std::string::npos;
        }));
}

}  // namespace postern::fake
