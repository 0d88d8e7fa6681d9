#include "peer_name.h"

#include <algorithm>
#include <vector>

namespace postern::pinning {

namespace {

constexpr std::size_t kMaxName = 1024;  // of a pin's, once it is written

// What could end one name and begin another, or is not printable, as a backslash and two digits, so
// that different sets never give the same text.
std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const auto octet = static_cast<std::uint8_t>(c);
        if (c == ',' || c == '\\' || octet <= 0x20 || octet >= 0x7f) {
            out += '\\' + sdk::hex(sdk::Bytes(&octet, 1));
        } else {
            out += c;
        }
    }
    return out;
}

std::string lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::string set_of(std::string_view kind, const std::vector<sdk::Bytes>& names) {
    std::vector<std::string> sorted;
    for (const sdk::Bytes& name : names) {
        const std::string text(name.characters());
        sorted.push_back(escaped(kind == "dns:" ? lower_case(text) : text));
    }
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::string out;
    for (const std::string& name : sorted) {
        out += (out.empty() ? "" : ",") + std::string(kind) + name;
    }
    return out;
}

std::string bounded(std::string name) {
    return name.size() > kMaxName ? std::string() : name;
}

}  // namespace

std::string name_of_client(const sdk::Certificate& leaf) {
    constexpr struct {
        std::uint32_t field;
        std::string_view kind;
    } kKinds[] = {
        {POSTERN_X_SAN_URI, "uri:"}, {POSTERN_X_SAN_DNS, "dns:"}, {POSTERN_X_SAN_EMAIL, "email:"}};
    for (const auto& each : kKinds) {
        if (leaf.name_count(each.field) == 0) continue;
        return bounded(set_of(each.kind, leaf.names(each.field)));
    }
    if (leaf.subject_text().empty()) return {};
    return bounded("dn:" + std::string(leaf.subject_text()));
}

std::string name_of_server(std::string_view hostname) {
    return hostname.empty() ? std::string() : bounded("host:" + std::string(hostname));
}

}  // namespace postern::pinning
