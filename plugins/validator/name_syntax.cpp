#include "name_syntax.h"

#include <algorithm>
#include <cstddef>

namespace postern::validator {

namespace {

constexpr std::size_t kMaxUri = 2048;

// Not <cctype>: these are ASCII's, whatever the locale.
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string_view label_fault(std::string_view label) {
    if (label.empty()) return "has an empty label";
    if (label.size() > 63) return "has a label of more than 63 characters";
    for (const char c : label) {
        if (c == '_') return "has an underscore";
        if (c == '*') return "has a wildcard that is not the whole left-most label";
        if (!is_letter(c) && !is_digit(c) && c != '-') {
            return "has a character that is no letter, digit or hyphen";
        }
    }
    if (label.front() == '-' || label.back() == '-') return "has a label with a hyphen at its end";
    return {};
}

}  // namespace

std::string_view dns_name_fault(std::string_view name, Wildcard wildcard) {
    if (name.empty()) return "is empty";
    if (name.size() > 253) return "is longer than 253 characters";
    const bool has_wildcard = name.substr(0, 2) == "*.";
    if (has_wildcard) {
        if (wildcard == Wildcard::refused) return "has a wildcard, which only servers may have";
        name.remove_prefix(2);
    }
    std::size_t labels = 0;
    std::string_view label;
    for (std::string_view rest = name;;) {
        const std::size_t dot = rest.find('.');
        label = rest.substr(0, dot);
        if (const std::string_view fault = label_fault(label); !fault.empty()) return fault;
        ++labels;
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    // No top-level domain is all digits, and every way to write an IPv4 address ends in one.
    if (std::all_of(label.begin(), label.end(), is_digit)) return "is an address, not a name";
    if (has_wildcard && labels < 2) return "has a wildcard for a whole top-level domain";
    return {};
}

std::string_view uri_fault(std::string_view uri) {
    if (uri.size() > kMaxUri) return "is longer than 2048 characters";
    for (std::size_t i = 0; i < uri.size(); ++i) {
        const char c = uri[i];
        if (c <= 0x20 || c >= 0x7f) return "has a space, a control or a non-ASCII character";
        // RFC 3986 2: what is in none of its sets.
        if (std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos) {
            return "has a character that no URI has";
        }
        if (c == '%' &&
            (uri.size() - i < 3 || !is_hex_digit(uri[i + 1]) || !is_hex_digit(uri[i + 2]))) {
            return "has a percent sign without two hexadecimal digits";
        }
    }
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos) return "has no scheme";
    const std::string_view scheme = uri.substr(0, colon);
    const auto in_scheme = [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    };
    if (scheme.empty() || !is_letter(scheme.front()) ||
        !std::all_of(scheme.begin(), scheme.end(), in_scheme)) {
        return "has no scheme";
    }
    const std::string_view rest = uri.substr(colon + 1);
    if (rest.empty() || rest == "//") return "has nothing after its scheme";
    return {};
}

std::string_view mailbox_fault(std::string_view mailbox) {
    const std::size_t at = mailbox.rfind('@');
    if (at == std::string_view::npos) return "has no @";
    const std::string_view local = mailbox.substr(0, at);
    if (local.empty() || local.size() > 64) return "has no local part of 1 to 64 characters";
    // RFC 5321 4.1.2: Dot-string.
    const auto in_atom = [](char c) {
        return is_letter(c) || is_digit(c) ||
               std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    };
    if (!std::all_of(local.begin(), local.end(), in_atom)) {
        return "has a character that no unquoted mailbox has";
    }
    if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
        return "has a misplaced dot";
    }
    return dns_name_fault(mailbox.substr(at + 1), Wildcard::refused).empty()
               ? std::string_view()
               : "has a domain that is no DNS name";
}

}  // namespace postern::validator
