#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/unique_fd.h"
#include "core/tls/wire.h"

namespace postern::net {

class SocketWire;

// Buffers lent to the connection whose turn it is; one set a loop, so that an idle connection owns
// none.
struct WireBuffers {
    static constexpr std::size_t kSize = 32 * 1024;

    std::array<std::uint8_t, kSize> in;
    std::size_t in_begin = 0;
    std::size_t in_end = 0;
    const SocketWire* in_owner = nullptr;

    std::array<std::uint8_t, kSize> out;
    std::size_t out_size = 0;
    const SocketWire* out_owner = nullptr;
};

// A connected non-blocking socket under a read-ahead buffer (one recv for many records) and a write
// buffer (one send for the records of a turn). GnuTLS alone asks the kernel for 5 bytes and then
// for the rest of each record.
//
// epoll cannot see what has been read ahead: whoever stops before pull() said EAGAIN asks
// has_read_ahead() and comes back by itself.
class SocketWire final : public tls::Wire {
public:
    SocketWire(UniqueFd socket, WireBuffers& buffers);
    ~SocketWire() override;

    ssize_t pull(std::span<std::uint8_t> into) override;
    ssize_t push(ByteView records) override;

    // Reads more into the read-ahead without consuming it: for the ClientHello. As recv(2).
    ssize_t fill(std::size_t limit);
    [[nodiscard]] ByteView read_ahead()
        const;  // after fill(): what has arrived and is not consumed

    // The read-ahead, when the connection has read what it wants for now: another may need the
    // buffer.
    void give_back_input();
    // At the end of every turn: sends what was pushed and takes the lent buffers back. False: the
    // socket is broken.
    [[nodiscard]] bool end_turn();
    [[nodiscard]] bool has_read_ahead() const;
    // Nothing was read ahead, and the kernel had no more in this turn: pull() would say EAGAIN.
    [[nodiscard]] bool is_dry() const { return drained_ && !has_read_ahead(); }
    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }

    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] std::uint64_t bytes_in() const { return bytes_in_; }
    [[nodiscard]] std::uint64_t bytes_out() const { return bytes_out_; }

private:
    [[nodiscard]] bool send_unsent();
    [[nodiscard]] std::size_t send_some(ByteView data);  // 0 as well when the peer does not read

    UniqueFd socket_;
    WireBuffers& buffers_;
    Bytes stash_;  // read ahead and kept past the turn
    std::size_t stash_begin_ = 0;
    Bytes unsent_;
    bool drained_ = false;  // the kernel had no more in this turn
    bool broken_ = false;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
};

}  // namespace postern::net
