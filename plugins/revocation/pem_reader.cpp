// SPDX-License-Identifier: Apache-2.0
#include "pem_reader.h"

#include <array>
#include <string_view>
#include <utility>

#include "malformed.h"

namespace postern::revocation {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} * 1024;
constexpr std::size_t kMostLine = 100;  // of those that are looked at as lines
constexpr int kEnd = -1;

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kBeginCrl = "-----BEGIN X509 CRL-----";
constexpr std::string_view kEndCrl = "-----END X509 CRL-----";

constexpr std::uint8_t kNoDigit = 0xff;
constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> out{};
    for (std::uint8_t& digit : out) digit = kNoDigit;
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        out[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return out;
}();

bool is_space(int c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view without_trailing_space(std::string_view line) noexcept {
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    return line;
}

}  // namespace

PemReader::PemReader(Fill raw) : raw_(std::move(raw)), buffer_(kBuffer) {}

bool PemReader::next_block() {
    while (true) {
        const int c = next_character();
        if (c == kEnd) return false;
        if (c == '\n') continue;
        const std::string line = static_cast<char>(c) + rest_of_line();
        const std::string_view text = without_trailing_space(line);
        if (text.substr(0, kBegin.size()) != kBegin) continue;
        if (text != kBeginCrl) refuse("expected \"" + std::string(kBeginCrl) + "\"");
        in_block_ = true;
        bits_ = 0;
        characters_ = padding_ = 0;
        padded_ = false;
        return true;
    }
}

std::size_t PemReader::read(std::uint8_t* out, std::size_t room) {
    std::size_t written = 0;
    while (in_block_ && written + 3 <= room) {
        const int c = next_character();
        if (is_space(c)) continue;
        if (c == kEnd) refuse("the file ends inside a block");
        if (c == '-') {
            end_of_block();
            break;
        }
        if (padded_) refuse("characters after the padding");
        const bool pad = c == '=';
        const std::uint8_t digit = pad ? std::uint8_t{0} : kDigits[static_cast<std::uint8_t>(c)];
        if (digit == kNoDigit) refuse("a character that is not base64");
        if (padding_ != 0 && !pad) refuse("characters after the padding");
        padding_ += pad ? 1 : 0;
        bits_ = bits_ << 6 | digit;
        if (++characters_ < 4) continue;
        if (padding_ > 2) refuse("too much padding");
        const std::size_t count = 3 - padding_;
        if ((bits_ & ((1u << (8 * padding_)) - 1)) != 0) refuse("bits below the padding");
        for (std::size_t i = 0; i < count; ++i) {
            out[written++] = static_cast<std::uint8_t>(bits_ >> (16 - 8 * i));
        }
        padded_ = padding_ != 0;
        bits_ = 0;
        characters_ = padding_ = 0;
    }
    return written;
}

int PemReader::next_character() {
    if (begin_ == end_) {
        begin_ = 0;
        end_ = raw_(buffer_.data(), buffer_.size());
        if (end_ == 0) return kEnd;
    }
    const int c = buffer_[begin_++];
    if (c == '\n') ++line_;
    return c;
}

// Without its newline; what is beyond kMostLine is dropped, no line that matters is so long.
std::string PemReader::rest_of_line() {
    std::string line;
    for (int c = next_character(); c != kEnd && c != '\n'; c = next_character()) {
        if (line.size() < kMostLine) line.push_back(static_cast<char>(c));
    }
    return line;
}

void PemReader::end_of_block() {
    if (characters_ != 0) refuse("base64 ends inside a group of four");
    const std::string line = "-" + rest_of_line();
    if (without_trailing_space(line) != kEndCrl) {
        refuse("expected \"" + std::string(kEndCrl) + "\"");
    }
    in_block_ = false;
}

void PemReader::refuse(const std::string& why) const {
    throw Malformed("line " + std::to_string(line_) + ": " + why);
}

}  // namespace postern::revocation
