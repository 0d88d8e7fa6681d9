#include "core/upstream/http/connection.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

namespace postern::upstream {
namespace {

template <class Call>
ssize_t uninterrupted(Call call) {
    ssize_t size = 0;
    do {
        size = call();
    } while (size < 0 && errno == EINTR);
    return size;
}

}  // namespace

HttpConnection::HttpConnection(net::Loop& loop, UniqueFd socket, User& user)
    : Transport(loop, user), socket_(std::move(socket)), interest_(loop, socket_.get(), *this) {}

Transport::Opening HttpConnection::open() {
    socklen_t length = sizeof error_;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error_, &length) != 0) error_ = errno;
    return error_ == 0 ? Opening::done : Opening::failed;
}

ssize_t HttpConnection::send(std::string_view first, std::string_view second) {
    constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
    ssize_t size = 0;
    if (second.empty()) {
        size = uninterrupted(
            [&] { return ::send(socket_.get(), first.data(), first.size(), kFlags); });
    } else {
        // sendmsg() takes them as not const, and does not write to them.
        std::array<iovec, 2> pieces{{{const_cast<char*>(first.data()), first.size()},
                                     {const_cast<char*>(second.data()), second.size()}}};
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces.size();
        size = uninterrupted([&] { return ::sendmsg(socket_.get(), &message, kFlags); });
    }
    if (size < 0) error_ = errno;
    return size;
}

ssize_t HttpConnection::receive(std::span<char> into) {
    const ssize_t size = uninterrupted(
        [&] { return ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT); });
    if (size < 0) error_ = errno;
    emptied_ = size < static_cast<ssize_t>(into.size());
    return size;
}

std::string HttpConnection::fault() const {
    return std::strerror(error_);
}

bool HttpConnection::has_news() {
    char byte = 0;
    const ssize_t size =
        uninterrupted([&] { return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT); });
    return size >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace postern::upstream
