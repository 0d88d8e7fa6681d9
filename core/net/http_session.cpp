#include "core/net/http_session.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/net/http_writer.h"

namespace postern::net {
namespace {

// Pipelined bytes kept while an answer is under way; then the peer is not read any more.
constexpr std::size_t kMaxWaitingInput = 64 * 1024;
// A body may come no slower than this on average, after a header_timeout's grace.
constexpr std::uint64_t kSlowestBodyBytesPerSecond = 4096;
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
// A client that takes nothing of what waits for it is given up after this, or after idle_timeout
// if that is shorter.
constexpr std::uint64_t kWriteStall = 60 * kNanosecondsPerSecond;

}  // namespace

HttpSession::HttpSession(HttpOwner& owner, Limits limits, std::uint64_t now_ns)
    : owner_(owner),
      limits_(limits),
      reader_({limits.max_header, limits.max_body}),
      waiting_since_ns_(now_ns) {}

HttpSession::~HttpSession() = default;

void HttpSession::receive(std::string_view bytes, std::uint64_t now_ns) {
    if (ended_) return;
    if (!exchange_open_ && input_.empty() && owner_.may_begin()) {
        // The usual case: read in place, keep only what belongs to the next message.
        while (!bytes.empty() && !exchange_open_ && !ended_ && owner_.may_begin()) {
            if (!reader_.started()) message_began_ns_ = now_ns;
            const auto consumed = reader_.consume(bytes);
            message_bytes_ += consumed.consumed;
            bytes.remove_prefix(consumed.consumed);
            if (!take_step(consumed.status)) break;
        }
        input_.append(bytes);
        return;
    }
    input_.append(bytes);
    if (!exchange_open_ && owner_.may_begin()) read_requests(now_ns);
}

void HttpSession::resume(std::uint64_t now_ns) {
    if (!exchange_open_ && !ended_ && !input_.empty()) read_requests(now_ns);
}

bool HttpSession::wants_input() const {
    return !ended_ && input_.size() < kMaxWaitingInput && pending() < kHighWater;
}

std::string_view HttpSession::output() const {
    return std::string_view(output_).substr(output_begin_);
}

void HttpSession::output_sent(std::size_t size, std::uint64_t now_ns) {
    const bool was_high = pending() >= kHighWater;
    output_begin_ += size;
    output_since_ns_ = now_ns;
    if (output_begin_ == output_.size()) {
        waiting_since_ns_ = now_ns;
        output_begin_ = 0;
        // An idle connection owns no buffer.
        if (output_.capacity() > 4096) {
            std::string().swap(output_);
        } else {
            output_.clear();
        }
    } else if (output_begin_ > kHighWater) {
        output_.erase(0, output_begin_);
        output_begin_ = 0;
    }
    if (was_high && pending() < kHighWater && exchange_) exchange_->on_writable();
}

std::uint64_t HttpSession::deadline_ns() const {
    if (ended_) return 0;
    if (pending() > 0) return output_since_ns_ + std::min(kWriteStall, limits_.idle_timeout_ns);
    if (exchange_open_) return 0;  // streams live for hours
    if (message_began_ns_ == 0) return waiting_since_ns_ + limits_.idle_timeout_ns;
    std::uint64_t deadline = message_began_ns_ + limits_.header_timeout_ns;
    if (reader_.head_done()) {
        deadline += limits_.header_timeout_ns +
                    message_bytes_ * (kNanosecondsPerSecond / kSlowestBodyBytesPerSecond);
    }
    return deadline;
}

void HttpSession::on_deadline() {
    if (pending() > 0) {
        owner_.cut(POSTERN_REASON_WRITE_TIMEOUT, "the client takes nothing of what waits for it");
    } else if (message_began_ns_ == 0) {
        ended_ = true;
        owner_.close_when_sent(POSTERN_REASON_IDLE_TIMEOUT, "");
    } else if (reader_.head_done()) {
        refuse(POSTERN_REASON_BODY_TIMEOUT, "the body comes too slowly");
    } else {
        refuse(POSTERN_REASON_HEADER_TIMEOUT, "the header is not whole in its time");
    }
}

bool HttpSession::drain() {
    draining_ = true;
    return !exchange_open_ && !reader_.started() && pending() == 0;
}

void HttpSession::abandon() {
    ended_ = true;
    exchange_open_ = false;
    output_.clear();
    output_begin_ = 0;
    owner_.destroy_later(std::move(exchange_));
}

void HttpSession::head(const HttpResponseHead& head, std::optional<std::uint64_t> length) {
    if (ended_ || head_sent_) return;
    note_output_begins();
    if (draining_) keep_alive_ = KeepAlive::no;
    const ResponseFraming framing =
        choose_response_framing(method_, minor_version_, head.status, length, keep_alive_);
    if (auto written = write_response_head(head, framing, output_); !written) {
        fail(POSTERN_REASON_UPSTREAM_MALFORMED, written.error().message);
        return;
    }
    head_sent_ = true;
    keep_alive_ = framing.keep_alive;
    framing_ = framing.body;
    body_left_ = framing_.kind == BodyFraming::Kind::length ? framing_.length : 0;
    note_output();
}

void HttpSession::body(std::string_view data) {
    if (ended_ || finished_ || !head_sent_ || framing_.kind == BodyFraming::Kind::none) return;
    if (framing_.kind == BodyFraming::Kind::length) {
        // More than was announced would be read as the next answer.
        data = data.substr(
            0, static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), body_left_)));
        body_left_ -= data.size();
    }
    if (data.empty()) return;
    note_output_begins();
    if (framing_.kind == BodyFraming::Kind::chunked) output_.append(chunk_start(data.size()));
    output_.append(data);
    if (framing_.kind == BodyFraming::Kind::chunked) output_.append(kChunkEnd);
    note_output();
}

void HttpSession::finish() {
    if (ended_ || finished_ || !head_sent_) return;
    if (framing_.kind == BodyFraming::Kind::length && body_left_ > 0) {
        owner_.cut(POSTERN_REASON_UPSTREAM_MALFORMED,
                   "the answer's body is shorter than announced");
        return;
    }
    finished_ = true;
    if (framing_.kind == BodyFraming::Kind::chunked) {
        note_output_begins();
        output_.append(kLastChunk);
        note_output();
    }
    // handle() itself goes on when it returns; else the exchange is still on the stack.
    if (!in_handle_) owner_.later([this] { end_exchange(); });
}

void HttpSession::fail(Reason reason, std::string detail) {
    if (ended_ || finished_) return;
    if (head_sent_) {
        owner_.cut(reason, std::move(detail));
        return;
    }
    owner_.request_failed(reason, detail);
    error_response(reason);
    finish();
}

std::size_t HttpSession::pending() const {
    return output_.size() - output_begin_;
}

void HttpSession::read_requests(std::uint64_t now_ns) {
    std::size_t begin = 0;
    while (begin < input_.size() && !exchange_open_ && !ended_ && owner_.may_begin()) {
        const auto rest = std::string_view(input_).substr(begin);
        if (!reader_.started()) message_began_ns_ = now_ns;
        const auto consumed = reader_.consume(rest);
        message_bytes_ += consumed.consumed;
        begin += consumed.consumed;
        if (!take_step(consumed.status)) break;
    }
    input_.erase(0, begin);
    if (input_.empty()) std::string().swap(input_);
}

// True: go on with what is left of the input.
bool HttpSession::take_step(HttpRequestReader::Status status) {
    switch (status) {
        case HttpRequestReader::Status::need_more:
            if (reader_.head_done() && reader_.expects_continue() && !continued_) {
                continued_ = true;
                note_output_begins();
                output_.append(kContinue);
                note_output();
            }
            return false;
        case HttpRequestReader::Status::complete:
            start_request();
            return true;
        case HttpRequestReader::Status::bad:
            break;
    }
    refuse(reader_.failure().reason, reader_.failure().detail);
    return false;
}

void HttpSession::start_request() {
    auto request = std::make_shared<HttpRequest>(reader_.take_request());
    keep_alive_ = reader_.keep_alive() && !draining_ ? KeepAlive::yes : KeepAlive::no;
    reader_.reset();
    method_ = request->method;
    minor_version_ = request->minor_version;
    message_began_ns_ = 0;
    message_bytes_ = 0;
    continued_ = head_sent_ = finished_ = false;
    exchange_open_ = true;

    in_handle_ = true;
    auto exchange = owner_.entrance()->handle(std::move(request), owner_.caller(), *this);
    in_handle_ = false;
    if (ended_) return;
    exchange_ = std::move(exchange);
    if (finished_) end_exchange();
}

void HttpSession::end_exchange() {
    if (!exchange_open_ || !finished_) return;
    exchange_.reset();
    exchange_open_ = false;
    waiting_since_ns_ = owner_.caller().loop().now_ns();
    if (keep_alive_ == KeepAlive::no) {
        ended_ = true;
        owner_.close_when_sent(POSTERN_REASON_FINISHED, "");
        return;
    }
    // Pipelined requests are taken up afresh, so that their number does not become stack depth.
    if (!input_.empty()) {
        owner_.later([this] { resume(owner_.caller().loop().now_ns()); });
    }
}

void HttpSession::refuse(Reason reason, std::string detail) {
    keep_alive_ = KeepAlive::no;
    head_sent_ = finished_ = false;
    method_.clear();
    error_response(reason);
    ended_ = true;
    owner_.close_when_sent(reason, std::move(detail));
}

// Says little: what went wrong is for the log.
void HttpSession::error_response(Reason reason) {
    HttpResponseHead response;
    response.status = reason_row(reason).http_status == 0 ? 500 : reason_row(reason).http_status;
    const ErrorBody answer = owner_.entrance()->error_body(reason).value_or(ErrorBody{
        "text/plain; charset=utf-8", std::to_string(response.status) + " " +
                                         std::string(usual_reason_phrase(response.status)) + "\n"});
    response.headers.add("Content-Type", answer.content_type);
    head(response, answer.text.size());
    body(answer.text);
}

void HttpSession::note_output_begins() {
    if (pending() == 0) output_since_ns_ = owner_.caller().loop().now_ns();
}

void HttpSession::note_output() {
    owner_.output_added();
}

}  // namespace postern::net
