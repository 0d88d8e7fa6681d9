#include "core/config/folded_path.h"

#include <algorithm>

namespace postern::config {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

char lower_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && text.size() - at > 2 ? hex_value(text[at + 1]) : -1;
        const int low = high < 0 ? -1 : hex_value(text[at + 2]);
        plain += lower_case(low < 0 ? text[at] : static_cast<char>(high * 16 + low));
        if (low >= 0) at += 2;
    }
    return plain;
}

std::string_view without_last(std::string_view text, std::string_view marks) {
    return text.substr(0, text.find_last_not_of(marks) + 1);
}

}  // namespace

std::string folded_path(std::string_view path) {
    std::string folded;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string plain = decoded(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
        const std::string_view segment = std::string_view(plain).substr(0, plain.find(';'));
        const std::string_view name = without_last(segment, " ");
        if (name == "." || name == "..") return {};
        if (const auto kept = without_last(segment, ". "); !kept.empty()) {
            folded.append("/").append(kept);
        }
    }
    return folded.empty() ? "/" : folded;
}

}  // namespace postern::config
