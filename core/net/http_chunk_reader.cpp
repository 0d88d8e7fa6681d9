#include "core/net/http_chunk_reader.h"

#include <algorithm>

namespace postern::net {
namespace {

// A chunk's own line is paid for by its data; what is not may add up to this.
constexpr std::uint64_t kMaxOverhead = 16 * 1024;
constexpr std::uint64_t kUsualLine = 16;
constexpr unsigned kMaxSizeDigits = 15;

bool is_text(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

HttpChunkReader::Step HttpChunkReader::consume(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size() && state_ != State::end) {
        if (state_ == State::data) {
            const auto take_now =
                static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size() - at));
            remaining_ -= take_now;
            overhead_ -= std::min<std::uint64_t>(overhead_, 2 * std::uint64_t{take_now});
            if (remaining_ == 0) state_ = State::data_cr;
            return {Status::data, at + take_now, bytes.substr(at, take_now)};
        }
        if (!take(bytes[at])) return {Status::bad, at, {}};
        ++at;
    }
    return {state_ == State::end ? Status::end : Status::need_more, at, {}};
}

bool HttpChunkReader::take(char c) {
    if (++overhead_ > kMaxOverhead) return refuse("more chunk extensions and trailers than data");
    switch (state_) {
        case State::size_start:
            remaining_ = 0;
            digits_ = 0;
            overhead_ -= std::min(overhead_, kUsualLine);
            state_ = State::size;
            return take_size_digit(c);
        case State::size:
            if (c == '\r') {
                state_ = State::size_lf;
                return true;
            }
            if (c == ';') {
                state_ = State::extension;
                return true;
            }
            return take_size_digit(c);
        case State::extension:
            if (c == '\r') state_ = State::size_lf;
            return c == '\r' || is_text(c) || refuse("a control character in a chunk extension");
        case State::size_lf:
            state_ = remaining_ == 0 ? State::trailer_start : State::data;
            return c == '\n' || refuse("a chunk size line that does not end in CRLF");
        case State::data_cr:
            state_ = State::data_lf;
            return c == '\r' || refuse("chunk data longer than the chunk size");
        case State::data_lf:
            state_ = State::size_start;
            return c == '\n' || refuse("chunk data that does not end in CRLF");
        case State::trailer_start:
        case State::trailer:
            if (c == '\r') {
                state_ = state_ == State::trailer_start ? State::end_lf : State::trailer_lf;
                return true;
            }
            state_ = State::trailer;
            return is_text(c) || refuse("a control character in a trailer");
        case State::trailer_lf:
            state_ = State::trailer_start;
            return c == '\n' || refuse("a trailer line that does not end in CRLF");
        case State::end_lf:
            state_ = State::end;
            return c == '\n' || refuse("a chunked body that does not end in CRLF");
        case State::data:
        case State::end:
            break;
    }
    return refuse("a byte out of turn");
}

bool HttpChunkReader::take_size_digit(char c) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
        digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
        digit = static_cast<unsigned>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
        digit = static_cast<unsigned>(c - 'A') + 10;
    } else {
        return refuse("a chunk size that is not hexadecimal digits");
    }
    if (++digits_ > kMaxSizeDigits) return refuse("a chunk size of more than 15 digits");
    remaining_ = remaining_ * 16 + digit;
    return true;
}

bool HttpChunkReader::refuse(std::string_view fault) {
    fault_ = fault;
    return false;
}

}  // namespace postern::net
