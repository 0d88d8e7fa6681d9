#include "core/mcp/json_document.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/mcp/message.h"

namespace postern::mcp {
namespace {

constexpr std::string_view kDigits = "0123456789";

// In place: "18446744073709551616.5" becomes "1.44674407370955161605", "1e400" becomes "1e000".
// What was no number stays none.
void make_small(char* number, std::size_t size) {
    constexpr std::size_t kAlwaysFits = 18;
    const std::string_view text(number, size);
    const std::size_t whole = std::min(text.find_first_not_of(kDigits), size);
    const bool fraction_follows = whole + 1 < size && text[whole] == '.' &&
                                  kDigits.find(text[whole + 1]) != std::string_view::npos;
    if (const std::size_t exponent = text.find_first_of("eE"); exponent != std::string_view::npos) {
        std::replace_if(
            number + exponent, number + size,
            [](char c) { return kDigits.find(c) != std::string_view::npos; }, '0');
    }
    if (whole <= kAlwaysFits || text.front() == '0') return;
    number[1] = '.';
    if (fraction_follows) number[whole] = '0';
}

// simdjson refuses integers beyond 64 bits and numbers beyond a double, which JSON allows and
// clients send. In this copy, which is only looked into, they are smaller, and as long as before.
std::string with_small_numbers(std::string_view text) {
    std::string copy(text);
    bool in_string = false;
    for (std::size_t at = 0; at < copy.size(); ++at) {
        if (in_string) {
            if (copy[at] == '\\')
                ++at;
            else if (copy[at] == '"')
                in_string = false;
        } else if (copy[at] == '"') {
            in_string = true;
        } else if (kDigits.find(copy[at]) != std::string_view::npos) {
            const std::size_t end =
                std::min(copy.find_first_not_of("0123456789.eE+-", at), copy.size());
            make_small(copy.data() + at, end - at);
            at = end - 1;
        }
    }
    return copy;
}

// Memory for a parser is half of what a short message costs, so a thread keeps one for the next
// text; not what a large one needed.
constexpr std::size_t kLeastCapacity = 4 * 1024;
constexpr std::size_t kMostKept = 64 * 1024;
thread_local std::unique_ptr<simdjson::dom::parser> spare_parser;

}  // namespace

JsonDocument::~JsonDocument() {
    if (parser_ && parser_->capacity() <= kMostKept) spare_parser = std::move(parser_);
}

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
    auto parser =
        spare_parser ? std::move(spare_parser) : std::make_unique<simdjson::dom::parser>();
    if (text.empty()) return Error{Fault::refused, "the body is empty"};
    const std::size_t capacity = std::max(text.size(), kLeastCapacity);
    if ((parser->capacity() < capacity || parser->max_depth() != kMaxDepth) &&
        parser->allocate(capacity, kMaxDepth) != simdjson::SUCCESS) {
        return internal_error("no memory to read a JSON body");
    }
    simdjson::dom::element root;
    auto error = parser->parse(text.data(), text.size()).get(root);
    if (error == simdjson::NUMBER_ERROR) {
        const std::string copy = with_small_numbers(text);
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
