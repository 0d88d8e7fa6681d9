// SPDX-License-Identifier: Apache-2.0
//
// values.hpp - the ABI's plain values as C++ ones: text, bytes, and the one exception of this
// layer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../types.h"

namespace postern::sdk {

inline std::string_view text(postern_str value) noexcept {
    return value.size == 0 ? std::string_view() : std::string_view(value.data, value.size);
}

inline postern_str text(std::string_view value) noexcept {
    return postern_str{value.data(), value.size()};
}

// A view of bytes that somebody else owns. C++20 code may pass it where std::span is wanted.
class Bytes {
public:
    constexpr Bytes() noexcept = default;
    constexpr Bytes(const std::uint8_t* data, std::size_t size) noexcept
        : data_(data), size_(size) {}
    constexpr Bytes(postern_bytes bytes) noexcept : Bytes(bytes.data, bytes.size) {}
    Bytes(const std::vector<std::uint8_t>& bytes) noexcept : Bytes(bytes.data(), bytes.size()) {}
    template <std::size_t N>
    constexpr Bytes(const std::array<std::uint8_t, N>& bytes) noexcept : Bytes(bytes.data(), N) {}
    explicit Bytes(std::string_view characters) noexcept
        : Bytes(reinterpret_cast<const std::uint8_t*>(characters.data()), characters.size()) {}

    constexpr operator postern_bytes() const noexcept { return postern_bytes{data_, size_}; }

    constexpr const std::uint8_t* data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr const std::uint8_t* begin() const noexcept { return data_; }
    constexpr const std::uint8_t* end() const noexcept { return data_ + size_; }
    constexpr std::uint8_t operator[](std::size_t index) const noexcept { return data_[index]; }

    // Both cut at the end rather than reach beyond it.
    constexpr Bytes first(std::size_t count) const noexcept {
        return Bytes(data_, count < size_ ? count : size_);
    }
    constexpr Bytes from(std::size_t offset) const noexcept {
        return offset < size_ ? Bytes(data_ + offset, size_ - offset) : Bytes();
    }

    std::string_view characters() const noexcept {
        return empty() ? std::string_view()
                       : std::string_view(reinterpret_cast<const char*>(data_), size_);
    }
    std::vector<std::uint8_t> copy() const { return std::vector<std::uint8_t>(begin(), end()); }

    friend bool operator==(Bytes a, Bytes b) noexcept {
        return a.size_ == b.size_ && (a.empty() || std::memcmp(a.data_, b.data_, a.size_) == 0);
    }
    friend bool operator!=(Bytes a, Bytes b) noexcept { return !(a == b); }

private:
    const std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

using Sha256 = std::array<std::uint8_t, 32>;

// A name and a value that somebody else owns: a log field, an HTTP header.
using Field = std::pair<std::string_view, std::string_view>;

inline std::vector<postern_kv> pairs(const Field* fields, std::size_t count) {
    std::vector<postern_kv> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(postern_kv{text(fields[i].first), text(fields[i].second)});
    }
    return out;
}

// "4f:a0" style is for people; this is for file names, log fields and comparisons.
inline std::string hex(Bytes bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out.push_back(kDigits[byte >> 4]);
        out.push_back(kDigits[byte & 0xfu]);
    }
    return out;
}

// Thrown by this layer and by plugins; a thunk turns it into its code at the boundary.
class Error : public std::runtime_error {
public:
    // The code is an error (negative) whatever was given. An empty message: told already.
    Error(postern_rc code, const std::string& message)
        : std::runtime_error(message), code_(code < 0 ? code : POSTERN_E_INTERNAL) {}

    postern_rc code() const noexcept { return code_; }

private:
    postern_rc code_;
};

}  // namespace postern::sdk
