#include "question.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace postern::validator {

namespace {

struct Known {
    std::string_view method;
    Question::Kind kind;
};

// Lists show what there is, and whoever calls what he may not is refused then. A subscription of
// the newer era is what a GET stream is in the older.
constexpr std::array<Known, 13> kKnown{{
    {"tools/call", Question::Kind::tool},
    {"prompts/get", Question::Kind::prompt},
    {"resources/read", Question::Kind::resource},
    {"resources/subscribe", Question::Kind::resource},
    {"resources/unsubscribe", Question::Kind::resource},
    {"initialize", Question::Kind::passage},
    {"ping", Question::Kind::passage},
    {"server/discover", Question::Kind::passage},
    {"subscriptions/listen", Question::Kind::passage},
    {"tools/list", Question::Kind::passage},
    {"prompts/list", Question::Kind::passage},
    {"resources/list", Question::Kind::passage},
    {"resources/templates/list", Question::Kind::passage},
}};
constexpr std::string_view kNotification = "notifications/";

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_letters(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// RFC 3986 2.3.
bool is_unreserved(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string_view escape_fault(std::string_view escape) {
    const int high = escape.size() < 3 ? -1 : hex_value(escape[1]);
    const int low = high < 0 ? -1 : hex_value(escape[2]);
    if (low < 0) return "has a percent sign without two hexadecimal digits in upper case";
    const int octet = high * 16 + low;
    if (octet < 0x20 || octet == 0x7f || octet == '/' || octet == '\\') {
        return "has an encoded slash, backslash or control character";
    }
    return is_unreserved(octet) ? "encodes a character that needs no encoding" : "";
}

std::string_view path_fault(std::string_view path) {
    for (bool more = true; more;) {
        const std::size_t slash = path.find('/');
        const std::string_view segment = path.substr(0, slash);
        more = slash != std::string_view::npos;
        path.remove_prefix(more ? slash + 1 : path.size());
        if (segment == "." || segment == "..") return "has a . or .. segment";
        if (segment.empty() && more) return "has an empty segment";
    }
    return {};
}

}  // namespace

Question question_of(std::string_view method, std::string_view name) {
    if (method.empty()) return {Question::Kind::passage, method, {}};
    for (const Known& known : kKnown) {
        if (known.method == method) return {known.kind, method, name};
        if (same_letters(known.method, method)) return {Question::Kind::disguised, method, name};
    }
    const std::string_view start = method.substr(0, kNotification.size());
    if (start == kNotification) return {Question::Kind::passage, method, name};
    const bool disguised = same_letters(start, kNotification);
    return {disguised ? Question::Kind::disguised : Question::Kind::other, method, name};
}

std::string_view resource_fault(std::string_view uri) {
    for (std::size_t i = 0; i < uri.size(); ++i) {
        const char c = uri[i];
        if (c <= 0x20 || c >= 0x7f) return "has a blank, a control or a non-ASCII character";
        if (c == '\\') return "has a backslash";
        if (c == '#') return "has a fragment";
        if (c != '%') continue;
        if (const std::string_view fault = escape_fault(uri.substr(i)); !fault.empty()) {
            return fault;
        }
    }
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos || colon == 0) return "has no scheme";
    const auto in_scheme = [](char c) {
        return is_unreserved(c) ? c != '_' && c != '~' : c == '+';
    };
    if (!std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), in_scheme)) {
        return "has no scheme";
    }
    std::string_view rest = uri.substr(colon + 1);
    std::size_t lower_until = colon;
    if (rest.substr(0, 2) == "//") {
        rest.remove_prefix(2);
        const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
        lower_until = colon + 3 + slash;
        rest.remove_prefix(slash);
    }
    for (const char c : uri.substr(0, lower_until)) {
        if (c >= 'A' && c <= 'Z') return "has an upper-case letter in its scheme or host";
    }
    rest = rest.substr(0, rest.find('?'));
    if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
    return path_fault(rest);
}

}  // namespace postern::validator
