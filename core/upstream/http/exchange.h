#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/scheduler.h"
#include "core/net/exchange.h"
#include "core/net/http_response_reader.h"
#include "core/upstream/http/backend.h"

namespace postern::upstream {

// One request to an HTTP upstream and its answer, over a connection of its own for that time.
//
// A request goes to the next address or server when it could not be sent, or when the server turned
// the gate away before it looked at it. Once sent it is not sent again: a POST may have done its
// work. The exception is a pooled connection that the server closed
// before a byte of the answer came, as servers do with idle ones: then an idempotent request
// (RFC 9110 section 9.2.2), or one of which a part never left, is sent once more.
class HttpExchange final : public net::Exchange, private Transport::User {
public:
    HttpExchange(std::shared_ptr<HttpBackend> backend, net::RequestRef request, net::Caller& caller,
                 net::ResponseStream& response);
    ~HttpExchange() override;
    HttpExchange(const HttpExchange&) = delete;
    HttpExchange& operator=(const HttpExchange&) = delete;

    // False: it has answered already.
    [[nodiscard]] bool start();
    void on_writable() override;

private:
    enum class State { connecting, exchanging, done };
    enum class FromPool : bool { no = false, yes = true };
    enum class End : std::uint8_t { orderly, broken };

    void try_server(FromPool from_pool);
    void try_address();
    void connection_failed(const std::string& why);
    void begin_exchange();
    [[nodiscard]] bool write_head();

    void on_ready(Transport& transport, std::uint32_t epoll_events) override;
    void on_cut(Transport& transport) override;
    void on_turn_end() override;
    void finish_connecting();
    void send_request();
    void read_answer();
    void take_answer(std::string_view bytes);
    void input_ended(End end, const std::string& how);
    void head_arrived();
    void complete(bool nothing_left);
    void fail(Reason reason, std::string detail);

    [[nodiscard]] HttpServer& server() { return *backend_->servers[order_[order_at_]]; }
    // On a connection that rested until now.
    [[nodiscard]] bool nothing_asked() const;
    void replace_connection();
    [[nodiscard]] bool request_sent() const;
    [[nodiscard]] bool may_send_again() const;
    void watch(std::uint32_t epoll_events);
    void update_interest();
    void cancel_timers();

    std::shared_ptr<HttpBackend> backend_;
    net::RequestRef request_;
    net::Caller& caller_;
    net::Loop& loop_;
    net::ResponseStream& response_;

    State state_ = State::connecting;
    HttpBackend::Order order_;  // of servers
    std::size_t order_at_ = 0;
    std::size_t address_at_ = 0;
    std::unique_ptr<Transport> connection_;
    bool pooled_ = false;
    bool server_ended_ = false;  // the connection carries no further request
    bool sent_again_ = false;
    TimerId connect_timer_ = 0;
    TimerId head_timer_ = 0;

    std::string head_;       // of the request to this server, a short body with it
    std::string_view body_;  // what is not in head_
    std::size_t sent_ = 0;   // of head_ and body_ together
    bool send_failed_ = false;
    std::optional<net::HttpResponseReader> reader_;
};

}  // namespace postern::upstream
