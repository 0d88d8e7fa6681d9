#pragma once

#include <cstdint>

#include "core/net/loop.h"

namespace postern::upstream {

// How long one child's output may keep its loop within one turn, so that whoever else the loop
// serves comes in between. All children of a loop share kTurnNs of a turn; a line each they get in
// any case. Begins with the object and ends with it. Loop thread.
class TurnSlice {
public:
    static constexpr std::uint64_t kTurnNs = 1'000'000;
    static constexpr std::uint64_t kSliceNs = 250'000;

    explicit TurnSlice(const net::Loop& loop);
    ~TurnSlice();
    TurnSlice(const TurnSlice&) = delete;
    TurnSlice& operator=(const TurnSlice&) = delete;

    [[nodiscard]] bool is_over() const;
    // Others had taken the turn before it began: in the next one it goes before them.
    [[nodiscard]] bool was_late() const { return left_ns_ == 0; }

private:
    std::uint64_t began_ns_;
    std::uint64_t left_ns_;
};

}  // namespace postern::upstream
