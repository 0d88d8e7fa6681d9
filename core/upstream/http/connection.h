#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/unique_fd.h"
#include "core/net/interest.h"
#include "core/upstream/http/transport.h"

namespace postern::upstream {

// A plain socket to an HTTP upstream.
class HttpConnection final : public Transport {
public:
    HttpConnection(net::Loop& loop, UniqueFd socket, User& user);

    [[nodiscard]] Result<void> watch(std::uint32_t epoll_events) override {
        return interest_.set(epoll_events);
    }
    [[nodiscard]] Opening open() override;
    [[nodiscard]] ssize_t send(std::string_view first, std::string_view second) override;
    [[nodiscard]] ssize_t receive(std::span<char> into) override;
    [[nodiscard]] std::string fault() const override;
    [[nodiscard]] bool rest() override { return emptied_ || !has_news(); }
    [[nodiscard]] bool is_stale() override { return !loop().heard_of_all() && has_news(); }

private:
    void on_ready(std::uint32_t epoll_events) override { user().on_ready(*this, epoll_events); }
    // Bytes, the end or an error, which a look at the socket finds.
    [[nodiscard]] bool has_news();

    UniqueFd socket_;
    net::Interest interest_;
    bool emptied_ = true;  // by the last receive(): epoll tells of what came since
    int error_ = 0;        // errno of what failed last
};

}  // namespace postern::upstream
