#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/reason_table.h"
#include "core/net/http_chunk_reader.h"
#include "core/net/http_head.h"
#include "core/net/http_message.h"
#include "core/net/http_rules.h"

namespace postern::net {

// Reads one HTTP/1 request after another from a client, as bytes arrive. Holds what has arrived and
// no more, whatever a Content-Length announces.
class HttpRequestReader {
public:
    struct Limits {
        std::uint64_t max_header = 32 * 1024;
        std::uint64_t max_body = 4 * 1024 * 1024;
    };
    enum class Status { need_more, complete, bad };
    struct Result {
        Status status;
        std::size_t consumed;  // what is left belongs to the next request
    };
    struct Failure {
        Reason reason = POSTERN_REASON_REQUEST_MALFORMED;
        std::string detail;
    };

    explicit HttpRequestReader(Limits limits);

    // After complete: take_request() and reset(). After bad the connection can only be closed.
    [[nodiscard]] Result consume(std::string_view bytes);

    [[nodiscard]] bool started() const { return head_.started(); }
    [[nodiscard]] bool head_done() const { return state_ != State::head; }
    // The client waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool expects_continue() const;
    // After complete: whether another request may follow on the connection.
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    [[nodiscard]] HttpRequest take_request();
    [[nodiscard]] const Failure& failure() const { return failure_; }
    void reset();

private:
    enum class State { head, body, complete, bad };

    [[nodiscard]] bool finish_head();
    [[nodiscard]] std::size_t read_body(std::string_view bytes);
    [[nodiscard]] std::size_t read_chunks(std::string_view bytes);
    [[nodiscard]] bool fail(Reason reason, std::string detail);

    Limits limits_;
    State state_ = State::head;
    HttpHeadCollector head_;
    HttpChunkReader chunks_;
    BodyFraming framing_;
    bool keep_alive_ = false;
    HttpRequest request_;
    Failure failure_;
};

}  // namespace postern::net
