#pragma once

#include <cstdint>
#include <span>

#include <sys/types.h>

#include "core/base/bytes.h"

namespace postern::tls {

// Where a session's records come from and go to; `net` implements it over a socket, a read-ahead
// buffer and a write buffer that collects the records of one turn.
class Wire {
public:
    virtual ~Wire() = default;

    // As recv(2): what was read, 0 at the peer's end, -1 with errno (EAGAIN: nothing there now).
    virtual ssize_t pull(std::span<std::uint8_t> into) = 0;
    // Takes all of it, or -1 with errno (EAGAIN: the peer reads too slowly).
    virtual ssize_t push(ByteView records) = 0;
};

}  // namespace postern::tls
