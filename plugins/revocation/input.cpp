// SPDX-License-Identifier: Apache-2.0
#include "input.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "malformed.h"

namespace postern::revocation {

Input::Input(Fill fill) : fill_(std::move(fill)), window_(2 * kMostPeek) {}

Input Input::from_memory(Bytes bytes) {
    return Input([bytes](std::uint8_t* out, std::size_t room) mutable {
        const Bytes piece = bytes.first(room);
        if (!piece.empty()) std::memcpy(out, piece.data(), piece.size());
        bytes = bytes.from(piece.size());
        return piece.size();
    });
}

Bytes Input::peek(std::size_t size) {
    if (size > kMostPeek) throw Malformed::at(offset_, "an element is larger than any real one");
    const Bytes bytes = peek_up_to(size);
    if (bytes.size() < size) throw Malformed::at(offset_ + bytes.size(), "the CRL ends early");
    return bytes;
}

Bytes Input::peek_up_to(std::size_t size) {
    size = std::min(size, kMostPeek);
    if (end_ - begin_ < size && !exhausted_) {
        std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        while (end_ < size && !exhausted_) {
            const std::size_t got = fill_(window_.data() + end_, window_.size() - end_);
            exhausted_ = got == 0;
            end_ += got;
        }
    }
    return Bytes(window_.data() + begin_, std::min(size, end_ - begin_));
}

void Input::skip(std::size_t size) noexcept {
    size = std::min(size, end_ - begin_);
    begin_ += size;
    offset_ += size;
}

}  // namespace postern::revocation
