#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "core/base/result.h"
#include "core/net/loop.h"

namespace postern::upstream {

// A connection to a server as an HTTP exchange uses it, whatever carries its bytes. It belongs to a
// loop: every function is called there, the destructor too. Its user is told of events: the
// exchange, or the pool it lies in. It keeps its place in the loop's epoll set from one exchange to
// the next: a request on a connection that was used before costs no epoll_ctl(2).
class Transport : protected net::Watcher {
public:
    class User {
    public:
        // It may destroy the transport.
        virtual void on_ready(Transport& transport, std::uint32_t epoll_events) = 0;
        // The server is no longer one that may be talked to: fault() says why. It may destroy the
        // transport.
        virtual void on_cut(Transport& transport) = 0;
        virtual void on_turn_end() {}  // as asked for by end_turn_with_user()

    protected:
        ~User() = default;
    };

    ~Transport() override;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    void set_user(User& user) { user_ = &user; }
    void end_turn_with_user();
    // What the user wants to be told of: EPOLLIN, EPOLLOUT, EPOLLRDHUP. 0: of nothing, not even of
    // the end, which epoll cannot mask otherwise.
    [[nodiscard]] virtual Result<void> watch(std::uint32_t epoll_events) = 0;

    // A socket on its way is handed over; the user watches it and calls this whenever it is told,
    // until it is over. connected: the server is there, and what is left keeps its own time.
    enum class Opening : std::uint8_t { connecting, connected, done, failed };
    [[nodiscard]] virtual Opening open() = 0;

    // As send(2) of both pieces, and recv(2); interruptions are passed over. What was not taken is
    // offered again from its first byte.
    [[nodiscard]] virtual ssize_t send(std::string_view first, std::string_view second) = 0;
    [[nodiscard]] virtual ssize_t receive(std::span<char> into) = 0;
    // Why open() or receive() failed, or what it was cut for. When send() failed, receive() says.
    [[nodiscard]] virtual std::string fault() const = 0;
    // Writes to the log what the server presented and which check failed, or that it refused us;
    // nothing when it could not be reached.
    virtual void log_refusal() const {}
    // The server ended it in what was still the handshake to it: it has not looked at anything that
    // was sent since.
    [[nodiscard]] virtual bool turned_away() const { return false; }

    // An answer is complete and no request is asked for now: may it carry another? From here to the
    // next send() the user is told of what ends it, not of what the transport alone has to know.
    [[nodiscard]] virtual bool rest() = 0;
    // Of one that rests, watched for EPOLLIN and EPOLLRDHUP: the server closed it, or spoke first,
    // by this moment or the one before. To be asked right before the first byte of a request, at
    // the end of a turn, when what epoll knew has been told.
    [[nodiscard]] virtual bool is_stale() = 0;

protected:
    Transport(net::Loop& loop, User& user) : loop_(loop), user_(&user) {}
    [[nodiscard]] net::Loop& loop() const { return loop_; }
    [[nodiscard]] User& user() const { return *user_; }

private:
    void on_turn_end() final;

    net::Loop& loop_;
    User* user_;
    bool ends_turn_ = false;
};

}  // namespace postern::upstream
