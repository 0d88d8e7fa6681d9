#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::net {

// Takes the chunked transfer coding off a body, RFC 9112 section 7.1, without copying. Extensions
// and trailers are read over and dropped; more of them than data is refused.
class HttpChunkReader {
public:
    enum class Status { need_more, data, end, bad };
    struct Step {
        Status status;
        std::size_t consumed;
        std::string_view data;  // inside the bytes given
    };

    // need_more has consumed everything; after data call again with what is left.
    [[nodiscard]] Step consume(std::string_view bytes);
    [[nodiscard]] std::string_view fault() const { return fault_; }  // after bad

private:
    enum class State {
        size_start,
        size,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer,
        trailer_lf,
        end_lf,
        end,
    };

    [[nodiscard]] bool take(char c);
    [[nodiscard]] bool take_size_digit(char c);
    [[nodiscard]] bool refuse(std::string_view fault);

    State state_ = State::size_start;
    std::uint64_t remaining_ = 0;  // of the chunk
    unsigned digits_ = 0;
    std::uint64_t overhead_ = 0;
    std::string_view fault_;
};

}  // namespace postern::net
