#include "core/upstream/child/turn_slice.h"

#include <algorithm>

#include "core/base/clock.h"

namespace postern::upstream {
namespace {

// Compared only; the loop may be gone.
struct Turn {
    const net::Loop* loop = nullptr;
    std::uint64_t at_ns = 0;
    std::uint64_t taken_ns = 0;
};
thread_local Turn turn;

}  // namespace

TurnSlice::TurnSlice(const net::Loop& loop) : began_ns_(system_clock().monotonic_ns()) {
    if (turn.loop != &loop || turn.at_ns != loop.now_ns()) turn = {&loop, loop.now_ns(), 0};
    left_ns_ = std::min(kSliceNs, kTurnNs - std::min(kTurnNs, turn.taken_ns));
}

TurnSlice::~TurnSlice() {
    turn.taken_ns += system_clock().monotonic_ns() - began_ns_;
}

bool TurnSlice::is_over() const {
    return system_clock().monotonic_ns() >= began_ns_ + left_ns_;
}

}  // namespace postern::upstream
