#include "core/net/http_request_reader.h"

#include <algorithm>
#include <utility>

namespace postern::net {

HttpRequestReader::HttpRequestReader(Limits limits) : limits_(limits), head_(limits.max_header) {}

HttpRequestReader::Result HttpRequestReader::consume(std::string_view bytes) {
    std::size_t consumed = 0;
    if (state_ == State::head) {
        const auto step = head_.consume(bytes);
        consumed = step.consumed;
        switch (step.status) {
            case HttpHeadCollector::Status::need_more:
                return {Status::need_more, consumed};
            case HttpHeadCollector::Status::too_large:
                (void)fail(POSTERN_REASON_HEADER_TOO_LARGE, "the head is longer than " +
                                                                std::to_string(limits_.max_header) +
                                                                " bytes (max_header)");
                return {Status::bad, consumed};
            case HttpHeadCollector::Status::bad:
                (void)fail(POSTERN_REASON_REQUEST_MALFORMED, std::string(head_.fault()));
                return {Status::bad, consumed};
            case HttpHeadCollector::Status::complete:
                break;
        }
        if (!finish_head()) return {Status::bad, consumed};
    }
    if (state_ == State::body) consumed += read_body(bytes.substr(consumed));
    if (state_ == State::bad) return {Status::bad, consumed};
    return {state_ == State::complete ? Status::complete : Status::need_more, consumed};
}

bool HttpRequestReader::expects_continue() const {
    if (state_ != State::body || !request_.body.empty() || request_.minor_version < 1) return false;
    const auto expect = request_.headers.find("Expect");
    return expect && equal_ignoring_case(*expect, "100-continue");
}

HttpRequest HttpRequestReader::take_request() {
    return std::move(request_);
}

void HttpRequestReader::reset() {
    state_ = State::head;
    head_.reset();
    chunks_ = {};
    framing_ = {};
    keep_alive_ = false;
    failure_ = {};
}

bool HttpRequestReader::finish_head() {
    auto request = parse_request_head(head_.take_text());
    if (!request) return fail(POSTERN_REASON_REQUEST_MALFORMED, std::move(request).error().message);
    request_ = std::move(*request);
    auto framing = check_request_head(request_);
    if (!framing) return fail(POSTERN_REASON_REQUEST_MALFORMED, std::move(framing).error().message);
    framing_ = *framing;
    keep_alive_ = wants_keep_alive(request_.headers, request_.minor_version);

    if (framing_.kind == BodyFraming::Kind::length && framing_.length > limits_.max_body) {
        return fail(POSTERN_REASON_BODY_TOO_LARGE,
                    "Content-Length " + std::to_string(framing_.length) + " is above " +
                        std::to_string(limits_.max_body) + " (max_body)");
    }
    const bool has_body = framing_.kind == BodyFraming::Kind::chunked ||
                          (framing_.kind == BodyFraming::Kind::length && framing_.length > 0);
    state_ = has_body ? State::body : State::complete;
    return true;
}

std::size_t HttpRequestReader::read_body(std::string_view bytes) {
    if (framing_.kind == BodyFraming::Kind::chunked) return read_chunks(bytes);
    const auto taken = static_cast<std::size_t>(
        std::min<std::uint64_t>(framing_.length - request_.body.size(), bytes.size()));
    request_.body.append(bytes.substr(0, taken));
    if (request_.body.size() == framing_.length) state_ = State::complete;
    return taken;
}

std::size_t HttpRequestReader::read_chunks(std::string_view bytes) {
    std::size_t consumed = 0;
    for (;;) {
        const auto step = chunks_.consume(bytes.substr(consumed));
        consumed += step.consumed;
        switch (step.status) {
            case HttpChunkReader::Status::need_more:
                return consumed;
            case HttpChunkReader::Status::end:
                state_ = State::complete;
                return consumed;
            case HttpChunkReader::Status::bad:
                (void)fail(POSTERN_REASON_REQUEST_MALFORMED, std::string(chunks_.fault()));
                return consumed;
            case HttpChunkReader::Status::data:
                break;
        }
        if (step.data.size() > limits_.max_body - request_.body.size()) {
            (void)fail(POSTERN_REASON_BODY_TOO_LARGE, "the chunked body is above " +
                                                          std::to_string(limits_.max_body) +
                                                          " bytes (max_body)");
            return consumed;
        }
        request_.body.append(step.data);
    }
}

bool HttpRequestReader::fail(Reason reason, std::string detail) {
    state_ = State::bad;
    failure_ = {reason, std::move(detail)};
    return false;
}

}  // namespace postern::net
