#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "postern/version.h"

namespace postern::plugin {

// POSTERN_ABI_VERSION, without the C casts of the SDK's macro.
inline constexpr std::uint32_t kHostAbi = (POSTERN_ABI_MAJOR << 16) | POSTERN_ABI_MINOR;

// The bytes of `type` up to and with `member`: what a shorter struct must have at least.
#define POSTERN_THROUGH(type, member) (offsetof(type, member) + sizeof(type::member))

// Our copy of a growable struct of the other side: the overlap of theirs and ours, the rest zero
// (postern/types.h: what is absent means zero). Taken once; the original is never looked at again.
// Empty when it is null or shorter than `required`.
template <class T>
[[nodiscard]] std::optional<T> adopt(const T* theirs, std::size_t required) {
    if (theirs == nullptr || theirs->struct_size < required) return std::nullopt;
    // A size that cuts a member in two would leave half a pointer.
    const std::size_t whole = theirs->struct_size / alignof(T) * alignof(T);
    T mine{};
    std::memcpy(&mine, theirs, std::min(sizeof(T), whole));
    mine.struct_size = sizeof(T);
    return mine;
}

}  // namespace postern::plugin
