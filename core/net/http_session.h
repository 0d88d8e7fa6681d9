#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/net/exchange.h"
#include "core/net/http_request_reader.h"
#include "core/net/http_writer.h"

namespace postern::net {

// What an HTTP session needs of the connection it runs on. Loop thread.
class HttpOwner {
public:
    virtual ~HttpOwner() = default;
    [[nodiscard]] virtual Caller& caller() = 0;
    [[nodiscard]] virtual std::shared_ptr<Upstream> entrance() = 0;
    // False while a verdict on the peer is open: no further request is begun.
    [[nodiscard]] virtual bool may_begin() const = 0;
    virtual void output_added() = 0;
    // Sends what is in output(), then closes.
    virtual void close_when_sent(Reason reason, std::string detail) = 0;
    // At once: the peer must see that the answer is not whole.
    virtual void cut(Reason reason, std::string detail) = 0;
    // A request ended without an answer from behind the route; for the log.
    virtual void request_failed(Reason reason, const std::string& detail) = 0;
    // Runs `task` after the call stack has unwound, unless the connection is gone by then.
    virtual void later(Task task) = 0;
    // Destroys it after the call stack, which may stand inside it, has unwound.
    virtual void destroy_later(std::unique_ptr<Exchange> exchange) = 0;
};

// The server's end of HTTP/1.1 over a byte stream: one request at a time, its answer streamed; what
// is pipelined behind it waits within a bound. Bytes in by receive(), out by output().
class HttpSession final : public ResponseStream {
public:
    struct Limits {
        std::uint64_t max_header = 0;
        std::uint64_t max_body = 0;
        std::uint64_t header_timeout_ns = 0;
        std::uint64_t idle_timeout_ns = 0;
    };
    HttpSession(HttpOwner& owner, Limits limits, std::uint64_t now_ns);
    ~HttpSession() override;

    void receive(std::string_view bytes, std::uint64_t now_ns);
    // Goes on with what has arrived, when may_begin() has become true again.
    void resume(std::uint64_t now_ns);
    [[nodiscard]] bool wants_input() const;

    [[nodiscard]] std::string_view output() const;
    void output_sent(std::size_t size, std::uint64_t now_ns);

    // The next moment at which something must have happened, or 0; and what to do when it has not.
    [[nodiscard]] std::uint64_t deadline_ns() const;
    void on_deadline();

    // No further request is taken; true when nothing is under way.
    bool drain();
    [[nodiscard]] bool exchange_open() const { return exchange_open_; }
    // What is under way was begun under rules that no longer serve.
    void rules_changed() {
        if (exchange_) exchange_->on_rules_changed();
    }
    // Cancels what is under way: the client is gone.
    void abandon();

    void head(const HttpResponseHead& head, std::optional<std::uint64_t> length) override;
    void body(std::string_view data) override;
    void finish() override;
    void fail(Reason reason, std::string detail) override;
    [[nodiscard]] std::size_t pending() const override;

private:
    void read_requests(std::uint64_t now_ns);
    [[nodiscard]] bool take_step(HttpRequestReader::Status status);
    void start_request();
    void end_exchange();
    void refuse(Reason reason, std::string detail);
    void error_response(Reason reason);
    void note_output_begins();
    void note_output();

    HttpOwner& owner_;
    Limits limits_;
    HttpRequestReader reader_;
    std::string input_;   // arrived and not read yet
    std::string output_;  // not sent yet, from output_begin_
    std::size_t output_begin_ = 0;
    std::unique_ptr<Exchange> exchange_;

    std::uint64_t message_began_ns_ = 0;  // first byte of the message being read, or 0
    std::uint64_t waiting_since_ns_ = 0;  // for a request
    std::uint64_t output_since_ns_ = 0;   // output waits since, or the peer last took some
    std::uint64_t message_bytes_ = 0;     // of the message being read
    std::string method_;                  // of the request being answered
    int minor_version_ = 1;
    KeepAlive keep_alive_ = KeepAlive::yes;
    BodyFraming framing_;
    std::uint64_t body_left_ = 0;  // where the length was announced

    bool exchange_open_ = false;
    bool in_handle_ = false;
    bool head_sent_ = false;
    bool finished_ = false;
    bool continued_ = false;
    bool draining_ = false;
    bool ended_ = false;  // nothing more is read or written
};

}  // namespace postern::net
