#include "core/plugin/ask.h"

#include <utility>

#include "core/plugin/host_handle.h"

namespace postern::plugin {

postern_rc deliver(HostHandle& handle, postern_op op, postern_rc rc,
                   const postern_verdict* verdict) {
    // Held until this returns: the inputs are pinned until complete() does, whatever the loop does
    // with the end it is told of meanwhile.
    const OpTable::Completion ended = handle.operations.complete(op);
    if (ended.claim == OpTable::Claim::stale) {
        handle.count(handle.counters.repeated);
        return POSTERN_E_STALE;
    }
    Ask& ask = *ended.ask;
    ask.late = ended.claim == OpTable::Claim::late;
    if (ask.late) handle.count(handle.counters.late);
    if (!ask.late) {
        ask.rc = rc;
        if (rc == POSTERN_OK) ask.answer = copy_verdict(verdict, ask.input->chain_length);
    }
    ask.scheduler->post([pinned = ended.ask] { pinned->owner->on_ended(*pinned); });
    return ask.late ? POSTERN_E_STALE : POSTERN_OK;
}

}  // namespace postern::plugin
