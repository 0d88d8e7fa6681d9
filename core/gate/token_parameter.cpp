#include "core/gate/token_parameter.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/mcp/inspection.h"

namespace postern::gate {
namespace {

constexpr std::string_view kName = "access_token";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = net::lower_case(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && text.size() - at > 2 ? hex_value(text[at + 1]) : -1;
        const int low = high < 0 ? -1 : hex_value(text[at + 2]);
        if (low < 0) {
            plain += text[at] == '+' ? ' ' : text[at];
            continue;
        }
        plain += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return plain;
}

// Some servers strip blanks, read "." and " " as "_", and end a name at "[" or a NUL.
bool names_token(std::string_view name) {
    std::string read = decoded(name);
    read.resize(std::min(read.find_first_of(std::string_view("[\0", 2)), read.size()));
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    read.erase(0, std::min(read.find_first_not_of(kBlanks), read.size()));
    read.erase(read.find_last_not_of(kBlanks) + 1);
    return std::equal(
        read.begin(), read.end(), kName.begin(), kName.end(), [](char c, char wanted) {
            return (c == '.' || c == ' ' || c == '-' ? '_' : net::lower_case(c)) == wanted;
        });
}

bool has_token(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::size_t end = std::min(parameters.find_first_of("&;"), parameters.size());
        const std::string_view parameter = parameters.substr(0, end);
        if (names_token(parameter.substr(0, parameter.find('=')))) return true;
        parameters.remove_prefix(std::min(end + 1, parameters.size()));
    }
    return false;
}

// The parts of a multipart form are named in quotes, in more than one way: the word is enough.
bool has_word(std::string_view text) {
    return std::search(text.begin(), text.end(), kName.begin(), kName.end(),
                       [](char c, char wanted) { return net::lower_case(c) == wanted; }) !=
           text.end();
}

bool is_multipart(std::string_view content_type) {
    constexpr std::string_view kMultipart = "multipart/";
    return net::equal_ignoring_case(content_type.substr(0, kMultipart.size()), kMultipart);
}

}  // namespace

bool has_token_parameter(const net::HttpRequest& request) {
    const std::size_t query = request.target.find('?');
    if (query != std::string::npos &&
        has_token(std::string_view(request.target).substr(query + 1))) {
        return true;
    }
    const auto content_type = request.headers.find("Content-Type").value_or("");
    // Whatever the type is called: a server may read a form where it expects one.
    if (request.body.empty() || mcp::is_json_content_type(content_type)) return false;
    return has_token(request.body) || (is_multipart(content_type) && has_word(request.body));
}

}  // namespace postern::gate
