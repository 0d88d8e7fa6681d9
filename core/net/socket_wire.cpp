#include "core/net/socket_wire.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace postern::net {

SocketWire::SocketWire(UniqueFd socket, WireBuffers& buffers)
    : socket_(std::move(socket)), buffers_(buffers) {}

SocketWire::~SocketWire() {
    if (buffers_.in_owner == this) buffers_.in_owner = nullptr;
    if (buffers_.out_owner == this) buffers_.out_owner = nullptr;
}

ssize_t SocketWire::pull(std::span<std::uint8_t> into) {
    if (into.empty()) return 0;
    if (stash_begin_ < stash_.size()) {
        const std::size_t size = std::min(into.size(), stash_.size() - stash_begin_);
        std::memcpy(into.data(), stash_.data() + stash_begin_, size);
        stash_begin_ += size;
        if (stash_begin_ == stash_.size()) {
            Bytes().swap(stash_);
            stash_begin_ = 0;
        }
        return static_cast<ssize_t>(size);
    }
    const bool lent_to_other = buffers_.in_owner != nullptr && buffers_.in_owner != this;
    if (!lent_to_other && buffers_.in_owner == this && buffers_.in_begin < buffers_.in_end) {
        const std::size_t size = std::min(into.size(), buffers_.in_end - buffers_.in_begin);
        std::memcpy(into.data(), buffers_.in.data() + buffers_.in_begin, size);
        buffers_.in_begin += size;
        return static_cast<ssize_t>(size);
    }
    if (drained_) {
        errno = EAGAIN;
        return -1;
    }
    const bool direct = lent_to_other || into.size() >= WireBuffers::kSize;
    std::uint8_t* const target = direct ? into.data() : buffers_.in.data();
    const std::size_t room = direct ? into.size() : buffers_.in.size();
    ssize_t size = 0;
    do {
        size = ::recv(socket_.get(), target, room, 0);
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return size;
    bytes_in_ += static_cast<std::uint64_t>(size);
    // A short read emptied the socket; epoll is level-triggered and tells when there is more.
    drained_ = static_cast<std::size_t>(size) < room;
    if (direct) return size;
    buffers_.in_owner = this;
    buffers_.in_begin = 0;
    buffers_.in_end = static_cast<std::size_t>(size);
    return pull(into);
}

ssize_t SocketWire::push(ByteView records) {
    if (broken_) {
        errno = EPIPE;
        return -1;
    }
    if (!unsent_.empty()) {
        errno = EAGAIN;
        return -1;
    }
    if (buffers_.out_owner == nullptr) {
        buffers_.out_owner = this;
        buffers_.out_size = 0;
    }
    const bool lent = buffers_.out_owner == this;
    if (lent && records.size() <= buffers_.out.size() - buffers_.out_size) {
        std::memcpy(buffers_.out.data() + buffers_.out_size, records.data(), records.size());
        buffers_.out_size += records.size();
        return static_cast<ssize_t>(records.size());
    }
    if (lent && buffers_.out_size > 0) {
        const ByteView collected(buffers_.out.data(), buffers_.out_size);
        const std::size_t sent = send_some(collected);
        unsent_.assign(collected.begin() + static_cast<std::ptrdiff_t>(sent), collected.end());
        buffers_.out_size = 0;
    }
    std::size_t sent = 0;
    if (unsent_.empty()) sent = send_some(records);
    unsent_.insert(unsent_.end(), records.begin() + static_cast<std::ptrdiff_t>(sent),
                   records.end());
    if (broken_) {
        errno = EPIPE;
        return -1;
    }
    return static_cast<ssize_t>(records.size());
}

ssize_t SocketWire::fill(std::size_t limit) {
    if (stash_.size() >= limit) {
        errno = ENOBUFS;
        return -1;
    }
    const std::size_t before = stash_.size();
    // Most hellos fit one segment; the rest is asked for by what has come.
    const std::size_t room = std::min(limit - before, std::max<std::size_t>(2048, before));
    stash_.resize(before + room);
    ssize_t size = 0;
    do {
        size = ::recv(socket_.get(), stash_.data() + before, room, 0);
    } while (size < 0 && errno == EINTR);
    const int error = errno;
    stash_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (size > 0) bytes_in_ += static_cast<std::uint64_t>(size);
    errno = error;
    return size;
}

ByteView SocketWire::read_ahead() const {
    return {stash_.data() + stash_begin_, stash_.size() - stash_begin_};
}

void SocketWire::give_back_input() {
    drained_ = false;
    if (buffers_.in_owner != this) return;
    if (buffers_.in_begin < buffers_.in_end) {
        stash_.assign(buffers_.in.begin() + static_cast<std::ptrdiff_t>(buffers_.in_begin),
                      buffers_.in.begin() + static_cast<std::ptrdiff_t>(buffers_.in_end));
        stash_begin_ = 0;
    }
    buffers_.in_owner = nullptr;
    buffers_.in_begin = buffers_.in_end = 0;
}

bool SocketWire::end_turn() {
    give_back_input();
    if (!send_unsent()) return false;
    if (buffers_.out_owner == this) {
        const ByteView collected(buffers_.out.data(), buffers_.out_size);
        buffers_.out_owner = nullptr;
        if (!collected.empty()) {
            const std::size_t sent = unsent_.empty() ? send_some(collected) : 0;
            unsent_.insert(unsent_.end(), collected.begin() + static_cast<std::ptrdiff_t>(sent),
                           collected.end());
        }
        buffers_.out_size = 0;
    }
    return !broken_;
}

bool SocketWire::has_read_ahead() const {
    return stash_begin_ < stash_.size() ||
           (buffers_.in_owner == this && buffers_.in_begin < buffers_.in_end);
}

bool SocketWire::send_unsent() {
    if (unsent_.empty()) return !broken_;
    const std::size_t sent = send_some(unsent_);
    if (sent == unsent_.size()) {
        Bytes().swap(unsent_);
    } else {
        unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
    }
    return !broken_;
}

std::size_t SocketWire::send_some(ByteView data) {
    std::size_t sent = 0;
    while (sent < data.size()) {
        const ssize_t size =
            ::send(socket_.get(), data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
        if (size > 0) {
            sent += static_cast<std::size_t>(size);
            continue;
        }
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        broken_ = true;
        break;
    }
    bytes_out_ += sent;
    return sent;
}

}  // namespace postern::net
