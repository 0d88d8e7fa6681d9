#include "core/plugin/op_table.h"

#include <utility>

namespace postern::plugin {
namespace {

constexpr unsigned kSlotBits = 10;
constexpr unsigned kTagBits = 14;
constexpr unsigned kGenerationBits = 40;
constexpr unsigned kStateBits = 3;
static_assert(OpTable::kSlots == 1u << kSlotBits);
static_assert(kSlotBits + kTagBits + kGenerationBits == 64);

constexpr std::uint64_t kGenerationMask = (std::uint64_t{1} << kGenerationBits) - 1;
constexpr std::uint64_t kStateMask = (1u << kStateBits) - 1;

enum State : std::uint64_t { kFree, kClaimed, kRunning, kPending, kDecided };

constexpr std::uint64_t word_of(std::uint64_t generation, State state) {
    return generation << kStateBits | state;
}
constexpr State state_of(std::uint64_t word) {
    return static_cast<State>(word & kStateMask);
}

// Never 0, so that no operation is.
std::uint64_t next_tag() {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1) % ((1u << kTagBits) - 1) + 1;
}

// Where a thread looks first: its own neighbourhood, so that loops do not share cache lines.
std::size_t& first_look() {
    static std::atomic<std::size_t> threads{0};
    thread_local std::size_t cursor = threads.fetch_add(1) * 64;
    return cursor;
}

}  // namespace

OpTable::OpTable() : tag_(next_tag()) {}

postern_op OpTable::begin(std::shared_ptr<Ask>& ask) {
    std::size_t& cursor = first_look();
    for (std::size_t tried = 0; tried < kSlots; ++tried) {
        const std::size_t index = (cursor + tried) % kSlots;
        Slot& slot = slots_[index];
        std::uint64_t word = slot.word.load(std::memory_order_relaxed);
        if (state_of(word) != kFree) continue;
        const std::uint64_t generation = word >> kStateBits;
        if (!slot.word.compare_exchange_strong(word, word_of(generation, kClaimed),
                                               std::memory_order_acquire)) {
            continue;
        }
        cursor = index;
        slot.ask = std::move(ask);
        slot.word.store(word_of(generation, kRunning), std::memory_order_release);
        return generation << (kSlotBits + kTagBits) | tag_ << kSlotBits | index;
    }
    return 0;
}

std::shared_ptr<Ask> OpTable::end(postern_op op) {
    Slot& slot = *slot_of(op);
    const std::uint64_t generation = generation_of(op);
    std::uint64_t running = word_of(generation, kRunning);
    if (!slot.word.compare_exchange_strong(running, word_of(generation, kClaimed),
                                           std::memory_order_acquire)) {
        return nullptr;
    }
    return release(slot, generation);
}

bool OpTable::pend(postern_op op) {
    std::uint64_t running = word_of(generation_of(op), kRunning);
    return slot_of(op)->word.compare_exchange_strong(running, word_of(generation_of(op), kPending),
                                                     std::memory_order_acq_rel);
}

bool OpTable::decide(postern_op op) {
    std::uint64_t pending = word_of(generation_of(op), kPending);
    return slot_of(op)->word.compare_exchange_strong(pending, word_of(generation_of(op), kDecided),
                                                     std::memory_order_acq_rel);
}

bool OpTable::wanted(postern_op op) const {
    const Slot& slot = slots_[op % kSlots];
    return slot.word.load(std::memory_order_acquire) == word_of(generation_of(op), kPending);
}

OpTable::Completion OpTable::complete(postern_op op) {
    Slot* slot = slot_of(op);
    if (slot == nullptr) return {};
    const std::uint64_t generation = generation_of(op);
    std::uint64_t word = slot->word.load(std::memory_order_acquire);
    while (word >> kStateBits == generation) {
        const State state = state_of(word);
        if (state == kFree || state == kClaimed) break;
        if (slot->word.compare_exchange_weak(word, word_of(generation, kClaimed),
                                             std::memory_order_acq_rel)) {
            return {state == kDecided ? Claim::late : Claim::taken, release(*slot, generation)};
        }
    }
    return {};
}

std::size_t OpTable::outstanding() const {
    std::size_t count = 0;
    for (const Slot& slot : slots_) {
        if (state_of(slot.word.load(std::memory_order_acquire)) != kFree) ++count;
    }
    return count;
}

std::vector<std::shared_ptr<Ask>> OpTable::abandon() {
    std::vector<std::shared_ptr<Ask>> pinned;
    for (std::size_t index = 0; index < kSlots; ++index) {
        const std::uint64_t generation =
            slots_[index].word.load(std::memory_order_acquire) >> kStateBits;
        Completion ended =
            complete(generation << (kSlotBits + kTagBits) | tag_ << kSlotBits | index);
        if (ended.ask) pinned.push_back(std::move(ended.ask));
    }
    return pinned;
}

std::uint64_t OpTable::generation_of(postern_op op) const {
    return op >> (kSlotBits + kTagBits);
}

OpTable::Slot* OpTable::slot_of(postern_op op) {
    const std::uint64_t tag = op >> kSlotBits & ((1u << kTagBits) - 1);
    return tag == tag_ ? &slots_[op % kSlots] : nullptr;
}

// The word is kClaimed, and the caller's.
std::shared_ptr<Ask> OpTable::release(Slot& slot, std::uint64_t generation) {
    std::shared_ptr<Ask> ask = std::move(slot.ask);
    slot.word.store(word_of((generation + 1) & kGenerationMask, kFree), std::memory_order_release);
    return ask;
}

}  // namespace postern::plugin
