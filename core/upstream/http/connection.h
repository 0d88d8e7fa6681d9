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
    [[nodiscard]] bool rest() override { return true; }
    [[nodiscard]] bool is_stale() override;

private:
    void on_ready(std::uint32_t epoll_events) override { user().on_ready(*this, epoll_events); }

    UniqueFd socket_;
    net::Interest interest_;
    int error_ = 0;  // errno of what failed last
};

}  // namespace postern::upstream
