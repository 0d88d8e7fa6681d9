#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/scheduler.h"
#include "core/plugin/ask_input.h"
#include "core/plugin/verdict.h"
#include "postern/call.h"

namespace postern::plugin {

struct Ask;
struct HostHandle;

// Who asked, and hears of the end on its scheduler. It stays as long as an operation is
// outstanding.
class AskOwner {
public:
    virtual void on_ended(const Ask& ask) = 0;

protected:
    ~AskOwner() = default;
};

// One question to one plugin, with all that must stay where it is until the plugin has answered:
// the call, the views, what they point to.
struct Ask {
    postern_call call{};
    postern_verdict verdict{};  // the hook's `out`
    std::shared_ptr<AskInput> input;

    AskOwner* owner = nullptr;
    Scheduler* scheduler = nullptr;
    std::size_t entry = 0;
    AskKind kind = AskKind::validator;
    std::uint64_t sequence = 0;
    std::atomic<bool> hook_ran{false};  // on an instance's own thread

    // Set by whoever ended it, before the owner is told.
    bool late = false;  // the host had decided before
    postern_rc rc = POSTERN_OK;
    CopiedVerdict answer;
};

// Ends an operation that the host waits for, and tells its owner: complete(), and a SERIAL hook
// that answers by itself. E_STALE: it was decided before. Any thread.
postern_rc deliver(HostHandle& handle, postern_op op, postern_rc rc,
                   const postern_verdict* verdict);

}  // namespace postern::plugin
