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
      outlet_(response),
      form_(std::move(form)),
      stream_(std::make_shared<StdioStream>(loop_, home, form_.stream,
                                            static_cast<StdioStream::Reader&>(*this))),
      written_ns_(loop_.now_ns()) {
    keep_alive_at(written_ns_ + kKeepAliveNs);
}

StdioExchange::~StdioExchange() {
    loop_.cancel(timer_);
    loop_.cancel(pace_timer_);
    stream_->reader_gone(finished_ || ending_ ? StdioStream::Answered::yes
                                              : StdioStream::Answered::no);
}

void StdioExchange::on_writable() {
    if (outlet_.empty()) return stream_->writable();
    caller_.run_turn([this] { go_on(); });
}

void StdioExchange::go_on() {
    outlet_.go_on();
    if (outlet_.empty() && ending_) finish();
    stream_->writable();
}

void StdioExchange::watch_pace() {
    if (outlet_.empty() || pace_timer_ != 0 || finished_) return;
    pace_timer_ = loop_.run_at(loop_.now_ns() + kPaceNs, [this, before = outlet_.passed()] {
        pace_timer_ = 0;
        check_pace(before);
    });
}

void StdioExchange::check_pace(std::uint64_t passed_before) {
    if (outlet_.passed() >= passed_before + kPaceBytes || !stream_->presses()) return watch_pace();
    if (outlet_.empty() || finished_) return;
    finished_ = true;
    loop_.cancel(std::exchange(timer_, 0));
    // Last: the connection is cut, and this goes with it.
    response_.fail(POSTERN_REASON_WRITE_TIMEOUT,
                   "the client reads its answer too slowly while others wait for the memory that "
                   "it holds");
}

void StdioExchange::take(const StdioPart& part) {
    if (finished_ || ending_) return;
    // One turn: head and body of a short answer leave in one record and one send.
    caller_.run_turn([this, &part] {
        write(part);
        watch_pace();
    });
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
    if (!part.last) return gather(part);
    if (form_.streams_answers) {
        form_.primed = form_.resumable = false;
        open_stream();
        write_event(part);
        return finish();
    }
    std::string batch;
    if (!gathered_.empty()) {
        for (const std::string& answer : gathered_) batch += (batch.empty() ? "[" : ",") + answer;
        batch += "," + std::string(part.text) + "]";
        gathered_.clear();
        gathered_bytes_ = 0;
    }
    const std::string_view text = batch.empty() ? part.text : std::string_view(batch);
    net::HttpResponseHead head;
    head.status = part.status;
    head.headers.add("Content-Type", "application/json");
    if (!form_.session_id.empty()) head.headers.add("Mcp-Session-Id", form_.session_id);
    response_.head(head, text.size());
    outlet_.put(text);
    finish();
}

void StdioExchange::gather(const StdioPart& part) {
    gathered_.emplace_back(part.text);
    gathered_bytes_ += part.text.size();
    if (gathered_bytes_ > kMostGathered) open_stream();
}

// On a stream whose head has left, what is wrong can only be said as the response itself.
void StdioExchange::write_failure(const StdioPart& part) {
    // One that does not read would not take this either, and would keep what waits for it.
    const bool is_stuck = part.reason == POSTERN_REASON_WRITE_TIMEOUT && !outlet_.empty();
    if (streaming_ && !is_stuck) {
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
    outlet_.put(part.text);
    finish();
}

void StdioExchange::write_event(const StdioPart& part) {
    std::string event;
    event.reserve(part.text.size() + 48);
    const bool has_id = form_.resumable && part.sequence > 0;
    mcp::append_event(event, has_id ? event_id(form_.stream, part.sequence) : std::string(),
                      part.text);
    outlet_.put(event);
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
    gathered_bytes_ = 0;
    outlet_.put(events);
}

void StdioExchange::finish() {
    ending_ = true;
    loop_.cancel(std::exchange(timer_, 0));
    if (!outlet_.empty()) return;
    finished_ = true;
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
    if (!outlet_.empty()) return;
    // Last: the client may be found gone, and this with it.
    caller_.run_turn([this] {
        open_stream();
        std::string comment;
        mcp::append_comment(comment, "keep-alive");
        outlet_.put(comment);
    });
}

}  // namespace postern::upstream
