#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sys/types.h>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/net/loop.h"

namespace postern::upstream {

// A socket to an HTTP upstream and its place in the loop's epoll set, which it keeps from one
// exchange to the next: a request on a connection that was used before costs no epoll_ctl(2). Its
// user is told of events: an exchange, or the pool it lies in. Loop thread, its end included.
class HttpConnection final : private net::Watcher {
public:
    class User {
    public:
        // It may destroy the connection.
        virtual void on_ready(HttpConnection& connection, std::uint32_t epoll_events) = 0;
        virtual void on_turn_end() {}  // as asked for by end_turn_with_user()

    protected:
        ~User() = default;
    };

    HttpConnection(net::Loop& loop, UniqueFd socket, User& user);
    ~HttpConnection() override;
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    void set_user(User& user) { user_ = &user; }
    // 0: of nothing, not even of the end, which epoll cannot mask otherwise.
    [[nodiscard]] Result<void> watch(std::uint32_t epoll_events);

    void end_turn_with_user();

    // As send(2) of both pieces and recv(2); interruptions are passed over.
    [[nodiscard]] ssize_t send(std::string_view first, std::string_view second);
    [[nodiscard]] ssize_t receive(std::span<char> into);
    // After connect(2): 0 or its errno.
    [[nodiscard]] int connect_error() const;

    // Of one that nobody has asked anything: the server closed it, or spoke first. The epoll set
    // has told unless it did so in this very turn; then the socket is asked.
    [[nodiscard]] bool is_stale() const;
    // Something was heard of it in this turn, so that is_stale() costs a system call.
    [[nodiscard]] bool has_news() const { return fetched_in_turn_ == loop_.turn(); }

private:
    void on_ready(std::uint32_t epoll_events) override { user_->on_ready(*this, epoll_events); }
    void on_turn_end() override;
    void on_fetched() override { fetched_in_turn_ = loop_.turn(); }

    net::Loop& loop_;
    UniqueFd socket_;
    User* user_;
    std::uint32_t watched_ = 0;  // epoll events, 0: not watched
    bool ends_turn_ = false;
    std::uint64_t fetched_in_turn_ = UINT64_MAX;
};

}  // namespace postern::upstream
