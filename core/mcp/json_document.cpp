#include "core/mcp/json_document.h"

#include <string>
#include <utility>

#include "core/mcp/message.h"

namespace postern::mcp {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// simdjson refuses integers beyond 64 bits, which JSON allows and clients send. In this copy, which
// is only looked into, "18446744073709551616" becomes "1.446744073709551616": still a number, and
// as long as before.
std::string with_shortened_integers(std::string_view text) {
    constexpr std::size_t kAlwaysFits = 18;
    std::string copy(text);
    bool in_string = false;
    for (std::size_t at = 0; at < copy.size(); ++at) {
        if (in_string) {
            if (copy[at] == '\\')
                ++at;
            else if (copy[at] == '"')
                in_string = false;
            continue;
        }
        if (copy[at] == '"') in_string = true;
        if (!is_digit(copy[at])) continue;
        const std::size_t start = at;
        while (at < copy.size() && is_digit(copy[at])) ++at;
        const bool integer =
            at == copy.size() || (copy[at] != '.' && copy[at] != 'e' && copy[at] != 'E');
        const bool leads = start == 0 || (copy[start - 1] != '.' && copy[start - 1] != 'e' &&
                                          copy[start - 1] != 'E' && copy[start - 1] != '+');
        if (integer && leads && copy[start] != '0' && at - start > kAlwaysFits)
            copy[start + 1] = '.';
        --at;
    }
    return copy;
}

}  // namespace

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
    auto parser = std::make_unique<simdjson::dom::parser>();
    if (text.empty()) return Error{Fault::refused, "the body is empty"};
    if (parser->allocate(text.size(), kMaxDepth) != simdjson::SUCCESS) {
        return internal_error("no memory to read a JSON body");
    }
    simdjson::dom::element root;
    auto error = parser->parse(text.data(), text.size()).get(root);
    if (error == simdjson::NUMBER_ERROR) {
        const std::string copy = with_shortened_integers(text);
        error = parser->parse(copy).get(root);
    }
    if (error == simdjson::DEPTH_ERROR) {
        return Error{Fault::refused,
                     "the body has more than " + std::to_string(kMaxDepth) + " levels"};
    }
    if (error != simdjson::SUCCESS) {
        return Error{Fault::refused,
                     std::string("the body is not JSON: ") + simdjson::error_message(error)};
    }
    return JsonDocument(std::move(parser), root);
}

}  // namespace postern::mcp
