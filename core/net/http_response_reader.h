#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/net/http_chunk_reader.h"
#include "core/net/http_head.h"
#include "core/net/http_message.h"
#include "core/net/http_rules.h"

namespace postern::net {

// Reads the answer to one request from an upstream, piece by piece, without keeping the body.
// Interim answers (1xx) are passed over.
class HttpResponseReader {
public:
    // head: head() is there, go on with what is left, even if that is nothing. body: `body` is the
    // next piece. need_more: everything was consumed.
    enum class Status { need_more, head, body, complete, bad };
    struct Step {
        Status status;
        std::size_t consumed;
        std::string_view body;  // inside the bytes given
    };

    // HasBody::no: the request was HEAD.
    explicit HttpResponseReader(HasBody has_body);

    [[nodiscard]] Step consume(std::string_view bytes);
    // The upstream closed: complete when the end of the body was to be told so, else bad.
    [[nodiscard]] Step end_of_input();

    [[nodiscard]] bool started() const { return started_; }  // a byte has come
    [[nodiscard]] const HttpResponseHead& head() const { return head_; }
    // The body's size as announced. Of an answer to HEAD: what a GET would have brought.
    [[nodiscard]] std::optional<std::uint64_t> length() const { return length_; }
    // After complete: whether the connection can carry another request.
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    // For how long the server keeps an idle connection, if it said so (Keep-Alive: timeout=N), less
    // a second; else far longer than anyone asks.
    [[nodiscard]] std::uint64_t idle_timeout_ns() const { return idle_timeout_ns_; }
    [[nodiscard]] const std::string& fault() const { return fault_; }  // after bad

private:
    enum class State { head, body, complete, bad };

    [[nodiscard]] Step read_head(std::string_view bytes);
    [[nodiscard]] Step finish_head(std::size_t consumed);
    [[nodiscard]] Step read_body(std::string_view bytes);
    [[nodiscard]] Step read_chunks(std::string_view bytes);
    [[nodiscard]] Step fail(std::string fault, std::size_t consumed);

    HasBody has_body_;
    State state_ = State::head;
    HttpHeadCollector collector_;
    HttpChunkReader chunks_;
    BodyFraming framing_;
    std::uint64_t remaining_ = 0;
    unsigned interim_answers_ = 0;
    bool started_ = false;
    bool keep_alive_ = false;
    std::uint64_t idle_timeout_ns_ = UINT64_MAX;
    HttpResponseHead head_;
    std::optional<std::uint64_t> length_;
    std::string fault_;
};

}  // namespace postern::net
