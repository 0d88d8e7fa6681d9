#include "core/net/http_head.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

#include "core/net/http_text.h"

namespace postern::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using ErrorCode = boost::beast::error_code;

constexpr std::size_t kUsualHeaderFields = 12;

std::string to_string(string_view text) {
    return {text.data(), text.size()};
}

// With skip() Beast is done after the head: no body byte ever reaches it, so that its idea of a
// message's length never matters.
template <bool is_request>
class HeadParser final : public http::basic_parser<is_request> {
public:
    std::string method;
    std::string target;
    std::string reason;
    int status = 0;
    int version = 0;
    std::vector<HttpHeaders::Place> fields;
    bool too_many_fields = false;

    [[nodiscard]] std::optional<std::string> parse(std::string_view head) {
        this->skip(true);
        this->eager(true);
        this->header_limit(static_cast<std::uint32_t>(head.size()) + 1);
        text_ = head;
        fields.reserve(kUsualHeaderFields);
        ErrorCode error;
        const std::size_t consumed =
            this->put(boost::asio::const_buffer(head.data(), head.size()), error);
        if (too_many_fields) {
            return "more than " + std::to_string(kMaxHeaderFields) + " header fields";
        }
        if (error) return "the head is not HTTP/1.1: " + error.message();
        if (!this->is_done() || consumed != head.size()) return "the head is not one HTTP/1.1 head";
        return std::nullopt;
    }

private:
    void on_request_impl(http::verb, string_view method_text, string_view target_text,
                         int http_version, ErrorCode&) override {
        method = to_string(method_text);
        target = to_string(target_text);
        version = http_version;
    }
    void on_response_impl(int code, string_view reason_text, int http_version,
                          ErrorCode&) override {
        status = code;
        reason = to_string(reason_text);
        version = http_version;
    }
    void on_field_impl(http::field, string_view name, string_view value,
                       ErrorCode& error) override {
        if (fields.size() == kMaxHeaderFields) {
            too_many_fields = true;
            error = http::error::header_limit;
            return;
        }
        // Beast copies a folded value; those were refused before.
        if (!lies_in_text(name) || !lies_in_text(value)) {
            error = http::error::bad_value;
            return;
        }
        fields.push_back({offset(name), static_cast<std::uint32_t>(name.size()), offset(value),
                          static_cast<std::uint32_t>(value.size())});
    }
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(string_view body, ErrorCode&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, string_view, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, ErrorCode&) override {
        return body.size();
    }
    void on_finish_impl(ErrorCode&) override {}

    [[nodiscard]] bool lies_in_text(string_view part) const {
        return part.empty() ||
               (std::less_equal<>()(text_.data(), part.data()) &&
                std::less_equal<>()(part.data() + part.size(), text_.data() + text_.size()));
    }
    [[nodiscard]] std::uint32_t offset(string_view part) const {
        return part.empty() ? 0 : static_cast<std::uint32_t>(part.data() - text_.data());
    }

    std::string_view text_;
};

}  // namespace

HttpHeadCollector::Step HttpHeadCollector::consume(std::string_view bytes) {
    std::size_t at = 0;
    const std::size_t room = std::min(bytes.size(), max_size_ - text_.size());
    while (!complete_) {
        if (is_line_byte(last_)) {
            const std::size_t plain = count_line_bytes(bytes.substr(at, room - at));
            if (plain > 0) last_ = bytes[at + plain - 1];
            at += plain;
        }
        if (at == room) break;
        if (!accepts(bytes[at])) return {Status::bad, at};
        ++at;
    }
    if (!complete_ && room < bytes.size()) return {Status::too_large, at};
    text_.append(bytes.substr(0, at));
    return {complete_ ? Status::complete : Status::need_more, at};
}

void HttpHeadCollector::reset() {
    text_.clear();
    fault_ = {};
    last_ = 0;
    line_is_empty_ = true;
    complete_ = false;
}

bool HttpHeadCollector::accepts(char c) {
    const char before = std::exchange(last_, c);
    if (before == '\r') {
        if (c != '\n') {
            fault_ = "a CR without its LF";
            return false;
        }
        complete_ = std::exchange(line_is_empty_, true);
        return true;
    }
    const bool starts_line = before == 0 || before == '\n';
    if (before == 0 && c == '\r') {
        fault_ = "an empty line where a message should start";
        return false;
    }
    if (c == '\n') {
        fault_ = "an LF without its CR";
        return false;
    }
    if (starts_line && (c == ' ' || c == '\t')) {
        // RFC 9112 section 5.2: a server MUST either reject obs-fold or replace it.
        fault_ = "a folded header line";
        return false;
    }
    if (c != '\r') line_is_empty_ = false;
    if (!is_line_byte(c) && c != '\r') {
        fault_ = "a control character in the head";
        return false;
    }
    return true;
}

Result<HttpRequest> parse_request_head(std::string head) {
    HeadParser<true> parser;
    if (auto fault = parser.parse(head)) return Error{Fault::refused, std::move(*fault)};
    if (parser.method.size() > kMaxMethodLength) {
        return Error{Fault::refused, "the method is longer than " +
                                         std::to_string(kMaxMethodLength) + " characters"};
    }
    HttpRequest request;
    request.method = std::move(parser.method);
    request.target = std::move(parser.target);
    request.minor_version = parser.version - 10;
    request.headers = HttpHeaders(std::move(head), std::move(parser.fields));
    return request;
}

Result<ParsedResponseHead> parse_response_head(std::string head) {
    HeadParser<false> parser;
    if (auto fault = parser.parse(head)) return Error{Fault::refused, std::move(*fault)};
    ParsedResponseHead parsed;
    parsed.head.status = parser.status;
    parsed.head.reason = std::move(parser.reason);
    parsed.head.headers = HttpHeaders(std::move(head), std::move(parser.fields));
    parsed.minor_version = parser.version - 10;
    return parsed;
}

}  // namespace postern::net
