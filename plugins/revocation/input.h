// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "postern/cpp/values.hpp"

namespace postern::revocation {

using sdk::Bytes;

// Writes up to `room` bytes at `out` and says how many; 0 at the end.
using Fill = std::function<std::size_t(std::uint8_t* out, std::size_t room)>;

// A window that moves over bytes of any number, so that a CRL of 50 MB costs no 50 MB.
class Input {
public:
    static constexpr std::size_t kMostPeek = std::size_t{128} * 1024;

    explicit Input(Fill fill);
    // The bytes must outlive the input.
    static Input from_memory(Bytes bytes);

    // The next `size` bytes, valid until the next peek. Throws Malformed when the input is
    // shorter, or `size` above kMostPeek.
    Bytes peek(std::size_t size);
    // As many of them as there are.
    Bytes peek_up_to(std::size_t size);
    // Moves past bytes that were peeked.
    void skip(std::size_t size) noexcept;

    bool at_end() { return peek_up_to(1).empty(); }
    std::uint64_t offset() const noexcept { return offset_; }

private:
    Fill fill_;
    std::vector<std::uint8_t> window_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t offset_ = 0;
    bool exhausted_ = false;
};

}  // namespace postern::revocation
