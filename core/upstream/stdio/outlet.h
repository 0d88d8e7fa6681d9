#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "core/net/exchange.h"

namespace postern::upstream {

// Between an exchange and its response: hands over no more than the response takes at a time. The
// rest waits here, in pieces that are let go of one by one, so that what is held is known.
class StdioOutlet {
public:
    explicit StdioOutlet(net::ResponseStream& response) : response_(response) {}

    void put(std::string_view text);
    void go_on();  // the response may have room again

    [[nodiscard]] bool empty() const { return pieces_.empty(); }
    [[nodiscard]] std::size_t held() const { return held_; }
    // Of what had to wait, how much has gone to the response so far.
    [[nodiscard]] std::uint64_t passed() const { return passed_; }

private:
    static constexpr std::size_t kPiece = std::size_t{64} * 1024;

    [[nodiscard]] bool has_room() const {
        return response_.pending() < net::ResponseStream::kHighWater;
    }

    net::ResponseStream& response_;
    std::deque<std::string> pieces_;
    std::size_t held_ = 0;
    std::uint64_t passed_ = 0;
};

}  // namespace postern::upstream
