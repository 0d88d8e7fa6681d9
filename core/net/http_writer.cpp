#include "core/net/http_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "core/base/clock.h"
#include "core/net/http_reserved_fields.h"
#include "core/net/http_text.h"

namespace postern::net {
namespace {

constexpr std::size_t kUsualHead = 768;  // more is no fault, but memory taken twice

using ByteSet = std::array<bool, 256>;

constexpr ByteSet token_bytes() {
    ByteSet set{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        set[static_cast<unsigned char>(c)] = true;
    for (unsigned c = '0'; c <= '9'; ++c) set[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) set[c] = set[c - 'a' + 'A'] = true;
    return set;
}
constexpr ByteSet kTokenBytes = token_bytes();

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return kTokenBytes[static_cast<unsigned char>(c)];
    });
}
bool is_field_value(std::string_view text) {
    return count_line_bytes(text) == text.size();
}

// The digits of a number, without memory of its own.
class Decimal {
public:
    explicit Decimal(std::uint64_t number)
        : end_(std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr) {}
    [[nodiscard]] std::string_view text() const {
        return {digits_.data(), static_cast<std::size_t>(end_ - digits_.data())};
    }

private:
    std::array<char, 20> digits_{};
    char* end_;
};

// Appends a head; remembers the first thing that does not fit into one, and takes all back then.
class HeadWriter {
public:
    explicit HeadWriter(std::string& out) : out_(out), begin_(out.size()) {}

    void start_line(std::initializer_list<std::string_view> parts) {
        for (const std::string_view part : parts) {
            if (!is_field_value(part)) fault_ = "the start line has a control character";
        }
        append(parts);
        append({"\r\n"});
    }

    void field(std::string_view name, std::string_view value) {
        if (!is_token(name) || !is_field_value(value)) {
            fault_ = "a header field cannot be written: control character or name not a token";
            return;
        }
        append({name, ": ", value, "\r\n"});
    }

    [[nodiscard]] Result<void> finish() {
        if (!fault_.empty()) {
            out_.resize(begin_);
            return internal_error(std::string(fault_));
        }
        out_ += "\r\n";
        return {};
    }

private:
    void append(std::initializer_list<std::string_view> parts) {
        std::size_t size = 0;
        for (const std::string_view part : parts) size += part.size();
        const std::size_t begin = out_.size();
        out_.resize(begin + size);
        char* at = out_.data() + begin;
        for (const std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
    }

    std::string& out_;
    std::size_t begin_;
    std::string_view fault_;
};

bool any_of_names(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(),
                       [name](auto one) { return equal_ignoring_case(name, one); });
}

// RFC 9110 section 5.6.7
std::string http_date(std::int64_t seconds) {
    constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t time = seconds;
    std::tm utc{};
    gmtime_r(&time, &utc);
    std::array<char, 64> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                      kDays.at(utc.tm_wday % 7), utc.tm_mday, kMonths.at(utc.tm_mon % 12),
                      utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

// Written once a second, not once an answer.
std::string_view http_date_now() {
    thread_local std::int64_t written_at = -1;
    thread_local std::string text;
    const std::int64_t now = system_clock().wall_seconds();
    if (now != written_at) {
        text = http_date(now);
        written_at = now;
    }
    return text;
}

bool forbids_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

Result<std::string> write_request_head(const HttpRequest& request, const RequestRewrite& rewrite) {
    std::string text;
    text.reserve(kUsualHead);
    HeadWriter writer(text);
    writer.start_line({request.method, " ", rewrite.target, " HTTP/1.1"});
    writer.field("Host", rewrite.host);
    const std::string connection = connection_options(request.headers);
    for (const HttpHeader header : request.headers.all()) {
        if (is_hop_by_hop(header.name, connection) || is_reserved_field(header.name)) continue;
        if (any_of_names(header.name, {"Host", "Content-Length", "Expect"})) continue;
        writer.field(header.name, header.value);
    }
    for (const HttpHeader header : request.gate_fields.all()) {
        writer.field(header.name, header.value);
    }
    if (!rewrite.forwarded_for.empty()) writer.field("X-Forwarded-For", rewrite.forwarded_for);
    if (!rewrite.forwarded_host.empty()) writer.field("X-Forwarded-Host", rewrite.forwarded_host);
    if (!rewrite.forwarded_proto.empty())
        writer.field("X-Forwarded-Proto", rewrite.forwarded_proto);
    // RFC 9110 section 8.6: a method that anticipates content says so even of none.
    if (!request.body.empty() || any_of_names(request.method, {"POST", "PUT", "PATCH"})) {
        writer.field("Content-Length", Decimal(request.body.size()).text());
    }
    if (auto written = writer.finish(); !written) return std::move(written).error();
    return text;
}

ResponseFraming choose_response_framing(std::string_view request_method, int request_minor_version,
                                        int status, std::optional<std::uint64_t> length,
                                        KeepAlive keep_alive) {
    ResponseFraming framing;
    framing.keep_alive = keep_alive;
    if (forbids_body(status)) return framing;
    framing.announced_length = length;
    if (request_method == "HEAD") return framing;
    if (length) {
        framing.body = {BodyFraming::Kind::length, *length};
    } else if (request_minor_version >= 1) {
        framing.body = {BodyFraming::Kind::chunked, 0};
    } else {
        framing.body = {BodyFraming::Kind::until_close, 0};
        framing.keep_alive = KeepAlive::no;
    }
    return framing;
}

Result<void> write_response_head(const HttpResponseHead& head, const ResponseFraming& framing,
                                 std::string& out) {
    const std::string_view reason =
        head.reason.empty() ? usual_reason_phrase(head.status) : std::string_view(head.reason);
    HeadWriter writer(out);
    writer.start_line(
        {"HTTP/1.1 ", Decimal(static_cast<std::uint64_t>(head.status)).text(), " ", reason});
    const std::string connection = connection_options(head.headers);
    for (const HttpHeader header : head.headers.all()) {
        if (is_hop_by_hop(header.name, connection)) continue;
        if (equal_ignoring_case(header.name, "Content-Length")) continue;
        writer.field(header.name, header.value);
    }
    if (!head.headers.find("Date")) writer.field("Date", http_date_now());
    if (framing.announced_length) {
        writer.field("Content-Length", Decimal(*framing.announced_length).text());
    } else if (framing.body.kind == BodyFraming::Kind::chunked) {
        writer.field("Transfer-Encoding", "chunked");
    }
    writer.field("Connection", framing.keep_alive == KeepAlive::yes ? "keep-alive" : "close");
    return writer.finish();
}

std::string chunk_start(std::size_t size) {
    std::array<char, 16> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16);
    return std::string(digits.data(), end) + "\r\n";
}

}  // namespace postern::net
