#include "subject.h"

#include <algorithm>

namespace postern::validator {

namespace {

constexpr std::size_t kMaxSubject = 4096;

bool is_wildcard(std::string_view part) {
    return part == "*" || part == "**";
}

// Blanks that belong to a value are escaped.
std::string trimmed(std::string_view part) {
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ' &&
           (part.size() < 2 || part[part.size() - 2] != '\\')) {
        part.remove_suffix(1);
    }
    return std::string(part);
}

// The first unescaped one of `marks` at or behind `from`.
std::size_t find_unescaped(std::string_view text, std::string_view marks, std::size_t from) {
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (marks.find(text[i]) != std::string_view::npos) {
            return i;
        }
    }
    return std::string_view::npos;
}

bool is_common_name(std::string_view part) {
    constexpr std::string_view kType = "cn=";
    if (part.size() < kType.size() || find_unescaped(part, "+", 0) != std::string_view::npos) {
        return false;
    }
    return (part[0] == 'C' || part[0] == 'c') && (part[1] == 'N' || part[1] == 'n') &&
           part[2] == '=';
}

}  // namespace

std::vector<std::string> split_subject(std::string_view text) {
    std::vector<std::string> out;
    if (text.empty()) return out;
    for (std::size_t from = 0;;) {
        const std::size_t comma = find_unescaped(text, ",", from);
        out.push_back(trimmed(text.substr(from, comma - from)));
        if (comma == std::string_view::npos) return out;
        from = comma + 1;
    }
}

std::string join_subject(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
    return out;
}

std::string_view SubjectPattern::fault(std::string_view text) {
    if (text.size() > kMaxSubject) return "is longer than 4096 characters";
    const std::vector<std::string> parts = split_subject(text);
    if (std::all_of(parts.begin(), parts.end(), is_wildcard)) return "names nobody";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == "**" && i > 0) return "has ** behind its beginning";
        if (is_wildcard(parts[i])) continue;
        if (parts[i].find('*') != std::string::npos) {
            return "has a * that is not a whole part between commas";
        }
        const std::size_t equals = parts[i].find('=');
        if (equals == 0 || equals == std::string::npos) {
            return "is not made of parts such as O=Corp, with commas between";
        }
    }
    return {};
}

bool SubjectPattern::matches(const std::vector<std::string>& parts) const {
    const bool open = parts_.front() == "**";
    if (open ? parts.size() < parts_.size() : parts.size() != parts_.size()) return false;
    // From the root, where the authority stands.
    return std::equal(parts_.rbegin(), parts_.rend() - (open ? 1 : 0), parts.rbegin(),
                      [](const std::string& wanted, const std::string& part) {
                          return wanted == "*" || wanted == part;
                      });
}

bool SubjectPattern::exact() const {
    return std::none_of(parts_.begin(), parts_.end(), is_wildcard);
}

bool SubjectPattern::names_common_name_alone() const {
    return std::all_of(parts_.begin(), parts_.end(), [](const std::string& part) {
        return is_wildcard(part) || is_common_name(part);
    });
}

std::string SubjectPattern::text() const {
    return join_subject(parts_);
}

}  // namespace postern::validator
