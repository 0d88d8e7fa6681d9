#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "postern/types.h"

namespace postern::plugin {

struct Ask;  // ask.h: what an operation pins

// The operations of one instance. A slot's life is one atomic word, a generation and a state:
//
//   FREE -> RUNNING    the hook is being called
//        -> PENDING    it answered POSTERN_PENDING (or its thread has not come to it yet)
//        -> DECIDED    the host decided without it: deadline, close; complete() is still owed
//   and from each of the three back to FREE, with the next generation.
//
// Whoever wins the one compare-and-swap has decided; everybody else learns that it is stale. An
// operation is slot, table and generation, so one that is forged, repeated or late finds no match.
// The slots are the cap on outstanding operations, too. Any thread.
class OpTable {
public:
    static constexpr std::size_t kSlots = 1024;

    enum class Claim {
        taken,  // the answer counts
        late,   // owed, but decided before: the pinned ask comes back all the same
        stale,  // no such operation (any more)
    };
    struct Completion {
        Claim claim = Claim::stale;
        std::shared_ptr<Ask> ask;
    };

    OpTable();

    // RUNNING, and `ask` is held by the slot from now on. 0: every slot is taken, `ask` is
    // untouched.
    [[nodiscard]] postern_op begin(std::shared_ptr<Ask>& ask);
    // The hook answered by itself: the ask back, or null when complete() came first.
    [[nodiscard]] std::shared_ptr<Ask> end(postern_op op);
    // The hook answered POSTERN_PENDING. False: complete() came first.
    bool pend(postern_op op);
    // The host decides a PENDING operation. False: complete() came first.
    [[nodiscard]] bool decide(postern_op op);
    [[nodiscard]] bool wanted(postern_op op) const;  // PENDING still
    [[nodiscard]] Completion complete(postern_op op);

    [[nodiscard]] std::size_t outstanding() const;
    // Gives up waiting: every operation becomes stale. What they pinned is returned, for a plugin
    // that may still look at it.
    [[nodiscard]] std::vector<std::shared_ptr<Ask>> abandon();

private:
    struct alignas(64) Slot {
        std::atomic<std::uint64_t> word{0};  // generation << kStateBits | state
        std::shared_ptr<Ask> ask;            // belongs to who holds the word in kClaimed
    };

    [[nodiscard]] std::uint64_t generation_of(postern_op op) const;
    [[nodiscard]] Slot* slot_of(postern_op op);
    std::shared_ptr<Ask> release(Slot& slot, std::uint64_t generation);

    const std::uint64_t tag_;  // which table, so that another instance's operation does not match
    std::array<Slot, kSlots> slots_;
};

}  // namespace postern::plugin
