#include "core/upstream/stdio/exchange.h"

#include <utility>

#include "core/mcp/event_stream.h"

namespace postern::upstream {
namespace {

// "3-17": the stream's number and the event's within it; Last-Event-ID brings it back.
std::string event_id(std::uint64_t stream, std::uint64_t sequence) {
    return std::to_string(stream) + "-" + std::to_string(sequence);
}

}  // namespace

StdioExchange::StdioExchange(net::Caller& caller, net::ResponseStream& response, Form form,
                             net::Loop& home)
    : caller_(caller),
      loop_(caller.loop()),
      response_(response),
      form_(std::move(form)),
      stream_(std::make_shared<StdioStream>(loop_, home, form_.stream,
                                            static_cast<StdioStream::Reader&>(*this))),
      written_ns_(loop_.now_ns()) {
    keep_alive_at(written_ns_ + kKeepAliveNs);
}

StdioExchange::~StdioExchange() {
    loop_.cancel(timer_);
    stream_->reader_gone(finished_ ? StdioStream::Answered::yes : StdioStream::Answered::no);
}

void StdioExchange::on_writable() {
    stream_->writable();
}

void StdioExchange::take(const StdioPart& part) {
    if (finished_) return;
    // One turn: head and body of a short answer leave in one record and one send.
    caller_.run_turn([this, &part] { write(part); });
}

void StdioExchange::write(const StdioPart& part) {
    written_ns_ = loop_.now_ns();
    switch (part.kind) {
        case StdioPart::Kind::open:
            return open_stream(part.sequence);
        case StdioPart::Kind::event:
            open_stream();
            return write_event(part);
        case StdioPart::Kind::answer:
            return write_answer(part);
        case StdioPart::Kind::failure:
            return write_failure(part);
        case StdioPart::Kind::status:
            return write_status(part);
        case StdioPart::Kind::end:
            open_stream();
            return finish();
    }
}

void StdioExchange::write_answer(const StdioPart& part) {
    if (!part.establishes_session) form_.session_id.clear();
    if (streaming_) {
        write_event(part);
        if (part.last) finish();
        return;
    }
    std::string batch;
    if (!gathered_.empty() || !part.last) {
        gathered_.emplace_back(part.text);
        if (!part.last) return;
        for (const std::string& answer : gathered_) batch += (batch.empty() ? "[" : ",") + answer;
        batch += "]";
    }
    const std::string_view text = batch.empty() ? part.text : std::string_view(batch);
    if (form_.streams_answers) {
        form_.primed = form_.resumable = false;
        open_stream();
        write_event(part);
        return finish();
    }
    net::HttpResponseHead head;
    head.status = part.status;
    head.headers.add("Content-Type", "application/json");
    if (!form_.session_id.empty()) head.headers.add("Mcp-Session-Id", form_.session_id);
    response_.head(head, text.size());
    response_.body(text);
    finish();
}

// On a stream whose head has left, what is wrong can only be said as the response itself.
void StdioExchange::write_failure(const StdioPart& part) {
    if (streaming_) {
        if (!part.text.empty()) write_event(part);
        if (part.last) finish();
        return;
    }
    finished_ = true;
    loop_.cancel(std::exchange(timer_, 0));
    response_.fail(part.reason, std::string(part.detail));
}

void StdioExchange::write_status(const StdioPart& part) {
    if (streaming_) {
        if (!part.text.empty()) write_event(part);
        return finish();
    }
    net::HttpResponseHead head;
    head.status = part.status;
    if (!part.text.empty()) head.headers.add("Content-Type", "application/json");
    if (!part.allow.empty()) head.headers.add("Allow", std::string(part.allow));
    if (part.retry_after_s > 0) {
        head.headers.add("Retry-After", std::to_string(part.retry_after_s));
    }
    response_.head(head, part.text.size());
    response_.body(part.text);
    finish();
}

void StdioExchange::write_event(const StdioPart& part) {
    std::string event;
    event.reserve(part.text.size() + 48);
    const bool has_id = form_.resumable && part.sequence > 0;
    mcp::append_event(event, has_id ? event_id(form_.stream, part.sequence) : std::string(),
                      part.text);
    response_.body(event);
}

void StdioExchange::open_stream(std::uint64_t sequence) {
    if (streaming_) return;
    streaming_ = true;
    net::HttpResponseHead head;
    head.headers.add("Content-Type", "text/event-stream");
    head.headers.add("Cache-Control", "no-cache");
    head.headers.add("X-Accel-Buffering", "no");
    if (!form_.session_id.empty()) head.headers.add("Mcp-Session-Id", form_.session_id);
    response_.head(head, std::nullopt);
    std::string events;
    if (form_.primed) {
        mcp::append_priming_event(events, event_id(form_.stream, sequence));
    }
    for (const std::string& answer : gathered_) mcp::append_event(events, "", answer);
    gathered_.clear();
    if (!events.empty()) response_.body(events);
}

void StdioExchange::finish() {
    finished_ = true;
    loop_.cancel(std::exchange(timer_, 0));
    response_.finish();
}

void StdioExchange::keep_alive_at(std::uint64_t at_ns) {
    timer_ = loop_.run_at(at_ns, [this] {
        timer_ = 0;
        keep_alive();
    });
}

void StdioExchange::keep_alive() {
    if (loop_.now_ns() < written_ns_ + kKeepAliveNs) {
        return keep_alive_at(written_ns_ + kKeepAliveNs);
    }
    written_ns_ = loop_.now_ns();
    keep_alive_at(written_ns_ + kKeepAliveNs);
    // Last: the client may be found gone, and this with it.
    caller_.run_turn([this] {
        open_stream();
        std::string comment;
        mcp::append_comment(comment, "keep-alive");
        response_.body(comment);
    });
}

}  // namespace postern::upstream
