#include "core/net/http_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "core/base/clock.h"

namespace postern::net {
namespace {

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

// Gathers a head; remembers the first thing that does not fit into one.
class HeadWriter {
public:
    explicit HeadWriter(std::string start_line) : text_(std::move(start_line)) {
        if (!is_field_value(text_)) fault_ = "the start line has a control character";
        text_ += "\r\n";
    }

    void field(std::string_view name, std::string_view value) {
        if (!is_token(name) || !is_field_value(value)) {
            fault_ = "a header field cannot be written: control character or name not a token";
            return;
        }
        text_.append(name).append(": ").append(value).append("\r\n");
    }

    [[nodiscard]] Result<std::string> finish() {
        if (!fault_.empty()) return internal_error(std::move(fault_));
        text_ += "\r\n";
        return std::move(text_);
    }

private:
    std::string text_;
    std::string fault_;
};

std::string connection_options(const HttpHeaders& headers) {
    std::string all;
    for (const HttpHeader& header : headers.all()) {
        if (!equal_ignoring_case(header.name, "Connection")) continue;
        if (!all.empty()) all += ',';
        all += header.value;
    }
    return all;
}

bool any_of_names(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(),
                       [name](auto one) { return equal_ignoring_case(name, one); });
}

// Only the hop before an upstream may say these; RFC 9440 section 4 asks the same of Client-Cert.
// CGI and WSGI servers read "_" as "-".
bool speaks_for_the_gate(std::string_view as_sent) {
    constexpr std::string_view kForwarded = "x-forwarded-";
    std::string name(as_sent);
    std::replace(name.begin(), name.end(), '_', '-');
    return (name.size() >= kForwarded.size() &&
            equal_ignoring_case(std::string_view(name).substr(0, kForwarded.size()), kForwarded)) ||
           any_of_names(name, {"Forwarded", "X-Real-IP", "Client-Cert", "Client-Cert-Chain"});
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

bool forbids_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

Result<std::string> write_request_head(const HttpRequest& request, const RequestRewrite& rewrite) {
    HeadWriter writer(request.method + " " + rewrite.target + " HTTP/1.1");
    writer.field("Host", rewrite.host);
    const std::string connection = connection_options(request.headers);
    for (const HttpHeader& header : request.headers.all()) {
        if (is_hop_by_hop(header.name, connection) || speaks_for_the_gate(header.name)) continue;
        if (any_of_names(header.name, {"Host", "Content-Length", "Expect"})) continue;
        writer.field(header.name, header.value);
    }
    if (!rewrite.forwarded_for.empty()) writer.field("X-Forwarded-For", rewrite.forwarded_for);
    if (!rewrite.forwarded_host.empty()) writer.field("X-Forwarded-Host", rewrite.forwarded_host);
    if (!rewrite.forwarded_proto.empty())
        writer.field("X-Forwarded-Proto", rewrite.forwarded_proto);
    // RFC 9110 section 8.6: a method that anticipates content says so even of none.
    if (!request.body.empty() || any_of_names(request.method, {"POST", "PUT", "PATCH"})) {
        writer.field("Content-Length", std::to_string(request.body.size()));
    }
    return writer.finish();
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

Result<std::string> write_response_head(const HttpResponseHead& head,
                                        const ResponseFraming& framing) {
    const std::string_view reason =
        head.reason.empty() ? usual_reason_phrase(head.status) : std::string_view(head.reason);
    HeadWriter writer("HTTP/1.1 " + std::to_string(head.status) + " " + std::string(reason));
    const std::string connection = connection_options(head.headers);
    for (const HttpHeader& header : head.headers.all()) {
        if (is_hop_by_hop(header.name, connection)) continue;
        if (equal_ignoring_case(header.name, "Content-Length")) continue;
        writer.field(header.name, header.value);
    }
    if (!head.headers.find("Date")) {
        writer.field("Date", http_date(system_clock().wall_seconds()));
    }
    if (framing.announced_length) {
        writer.field("Content-Length", std::to_string(*framing.announced_length));
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
