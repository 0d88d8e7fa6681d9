#include "core/upstream/http_connection.h"

#include <array>
#include <cerrno>
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
    : loop_(loop), socket_(std::move(socket)), user_(&user) {}

HttpConnection::~HttpConnection() {
    if (watched_ != 0) loop_.unwatch(socket_.get(), *this);
    if (ends_turn_) loop_.forget_turn_end(*this);
}

Result<void> HttpConnection::watch(std::uint32_t epoll_events) {
    if (epoll_events == watched_) return {};
    if (epoll_events == 0) {
        loop_.unwatch(socket_.get(), *this);
    } else if (watched_ != 0) {
        loop_.change(socket_.get(), epoll_events, *this);
    } else if (auto watching = loop_.watch(socket_.get(), epoll_events, *this); !watching) {
        return watching;
    }
    watched_ = epoll_events;
    return {};
}

void HttpConnection::end_turn_with_user() {
    if (!std::exchange(ends_turn_, true)) loop_.end_turn_with(*this);
}

void HttpConnection::on_turn_end() {
    ends_turn_ = false;
    user_->on_turn_end();
}

ssize_t HttpConnection::send(std::string_view first, std::string_view second) {
    constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
    if (second.empty()) {
        return uninterrupted(
            [&] { return ::send(socket_.get(), first.data(), first.size(), kFlags); });
    }
    // sendmsg() takes them as not const, and does not write to them.
    std::array<iovec, 2> pieces{{{const_cast<char*>(first.data()), first.size()},
                                 {const_cast<char*>(second.data()), second.size()}}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return uninterrupted([&] { return ::sendmsg(socket_.get(), &message, kFlags); });
}

ssize_t HttpConnection::receive(std::span<char> into) {
    return uninterrupted(
        [&] { return ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT); });
}

int HttpConnection::connect_error() const {
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
    return error;
}

bool HttpConnection::is_stale() const {
    if (!has_news()) return false;
    char byte = 0;
    const ssize_t size =
        uninterrupted([&] { return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT); });
    return size >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace postern::upstream
