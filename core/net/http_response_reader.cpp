#include "core/net/http_response_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace postern::net {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;
constexpr unsigned kMaxInterimAnswers = 8;

std::optional<std::uint64_t> announced_length(const HttpHeaders& headers) {
    const auto field = headers.find("Content-Length");
    if (!field) return std::nullopt;
    std::uint64_t length = 0;  // check_response_head() has seen that it is a number
    std::from_chars(field->data(), field->data() + field->size(), length);
    return length;
}

std::uint64_t announced_idle_timeout_ns(const HttpHeaders& headers) {
    constexpr std::string_view kKey = "timeout=";
    constexpr std::uint64_t kSecond = 1'000'000'000;
    const std::string_view field = headers.find("Keep-Alive").value_or("");
    const auto at = field.find(kKey);
    if (at == std::string_view::npos) return UINT64_MAX;
    std::uint32_t seconds = 0;
    const auto digits = field.substr(at + kKey.size());
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    if (error != std::errc{}) return UINT64_MAX;
    return seconds == 0 ? 0 : (seconds - 1) * kSecond;
}

// What describes the connection to the upstream, not the answer.
void keep_end_to_end_fields(HttpHeaders& headers) {
    const std::string connection = connection_options(headers);
    headers.remove_if([&connection](const HttpHeader& header) {
        return is_hop_by_hop(header.name, connection) ||
               equal_ignoring_case(header.name, "Content-Length");
    });
}

}  // namespace

HttpResponseReader::HttpResponseReader(HasBody has_body)
    : has_body_(has_body), collector_(kMaxHead) {}

HttpResponseReader::Step HttpResponseReader::consume(std::string_view bytes) {
    started_ = started_ || !bytes.empty();
    switch (state_) {
        case State::head:
            return read_head(bytes);
        case State::body:
            return read_body(bytes);
        case State::complete:
            return {Status::complete, 0, {}};
        case State::bad:
            break;
    }
    return {Status::bad, 0, {}};
}

HttpResponseReader::Step HttpResponseReader::end_of_input() {
    if (state_ == State::complete) return {Status::complete, 0, {}};
    if (state_ == State::body && framing_.kind == BodyFraming::Kind::until_close) {
        state_ = State::complete;
        return {Status::complete, 0, {}};
    }
    return fail(state_ == State::body ? "the connection closed within the body"
                                      : "the connection closed before the answer's head was whole",
                0);
}

HttpResponseReader::Step HttpResponseReader::read_head(std::string_view bytes) {
    std::size_t consumed = 0;
    for (;;) {
        const auto step = collector_.consume(bytes.substr(consumed));
        consumed += step.consumed;
        switch (step.status) {
            case HttpHeadCollector::Status::need_more:
                return {Status::need_more, consumed, {}};
            case HttpHeadCollector::Status::too_large:
                return fail("the head is longer than " + std::to_string(kMaxHead) + " bytes",
                            consumed);
            case HttpHeadCollector::Status::bad:
                return fail(std::string(collector_.fault()), consumed);
            case HttpHeadCollector::Status::complete:
                break;
        }
        const Step finished = finish_head(consumed);
        if (finished.status != Status::need_more) return finished;
    }
}

// need_more: it was an interim answer.
HttpResponseReader::Step HttpResponseReader::finish_head(std::size_t consumed) {
    auto parsed = parse_response_head(collector_.take_text());
    if (!parsed) return fail(std::move(parsed).error().message, consumed);
    auto framing = check_response_head(*parsed, has_body_);
    if (!framing) return fail(std::move(framing).error().message, consumed);

    const int status = parsed->head.status;
    if (status < 200) {
        if (status < 100 || status == 101) {
            return fail("the status " + std::to_string(status) + " was not asked for", consumed);
        }
        if (++interim_answers_ > kMaxInterimAnswers) {
            return fail("more than " + std::to_string(kMaxInterimAnswers) + " interim answers",
                        consumed);
        }
        collector_.reset();
        return {Status::need_more, consumed, {}};
    }
    if (status > 599)
        return fail("the status " + std::to_string(status) + " does not exist", consumed);

    framing_ = *framing;
    remaining_ = framing_.length;
    length_ = announced_length(parsed->head.headers);
    // A body behind a status that has none may come yet, and would be the start of the next answer.
    const bool stray_body =
        (status == 204 || status == 304) && has_body_ == HasBody::yes &&
        (length_.value_or(0) > 0 || parsed->head.headers.find("Transfer-Encoding").has_value());
    keep_alive_ = framing_.kind != BodyFraming::Kind::until_close && !stray_body &&
                  wants_keep_alive(parsed->head.headers, parsed->minor_version);
    idle_timeout_ns_ = announced_idle_timeout_ns(parsed->head.headers);
    keep_end_to_end_fields(parsed->head.headers);
    head_ = std::move(parsed->head);
    state_ = State::body;
    return {Status::head, consumed, {}};
}

HttpResponseReader::Step HttpResponseReader::read_body(std::string_view bytes) {
    switch (framing_.kind) {
        case BodyFraming::Kind::chunked:
            return read_chunks(bytes);
        case BodyFraming::Kind::until_close:
            return {bytes.empty() ? Status::need_more : Status::body, bytes.size(), bytes};
        case BodyFraming::Kind::none:
        case BodyFraming::Kind::length:
            break;
    }
    if (remaining_ == 0) {
        state_ = State::complete;
        return {Status::complete, 0, {}};
    }
    if (bytes.empty()) return {Status::need_more, 0, {}};
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
    remaining_ -= taken;
    return {Status::body, taken, bytes.substr(0, taken)};
}

HttpResponseReader::Step HttpResponseReader::read_chunks(std::string_view bytes) {
    const auto step = chunks_.consume(bytes);
    switch (step.status) {
        case HttpChunkReader::Status::need_more:
            return {Status::need_more, step.consumed, {}};
        case HttpChunkReader::Status::data:
            return {Status::body, step.consumed, step.data};
        case HttpChunkReader::Status::end:
            state_ = State::complete;
            return {Status::complete, step.consumed, {}};
        case HttpChunkReader::Status::bad:
            break;
    }
    return fail(std::string(chunks_.fault()), step.consumed);
}

HttpResponseReader::Step HttpResponseReader::fail(std::string fault, std::size_t consumed) {
    state_ = State::bad;
    keep_alive_ = false;
    fault_ = std::move(fault);
    return {Status::bad, consumed, {}};
}

}  // namespace postern::net
