#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "core/net/http_message.h"

namespace postern::net {

inline constexpr std::size_t kMaxHeaderFields = 100;
inline constexpr std::size_t kMaxMethodLength = 32;

// Collects a message's head byte by byte until the empty line. What Boost.Beast would forgive in
// the raw text (line folding) or reports late (stray CR, LF, NUL and other control characters) is
// refused here, at the first such byte.
class HttpHeadCollector {
public:
    enum class Status { need_more, complete, too_large, bad };
    struct Step {
        Status status;
        std::size_t consumed;
    };

    explicit HttpHeadCollector(std::size_t max_size) : max_size_(max_size) {}

    [[nodiscard]] Step consume(std::string_view bytes);
    [[nodiscard]] bool started() const { return last_ != 0; }
    [[nodiscard]] std::string take_text() { return std::move(text_); }  // after complete
    [[nodiscard]] std::string_view fault() const { return fault_; }     // after bad
    void reset();

private:
    [[nodiscard]] bool accepts(char c);

    std::size_t max_size_;
    std::string text_;
    std::string_view fault_;
    char last_ = 0;
    bool line_is_empty_ = true;
    bool complete_ = false;
};

// The grammar of a whole head, by Boost.Beast's basic_parser. Framing is not decided here: that is
// http_rules.h. `path` and `host` are left empty. The headers keep `head` and point into it.
[[nodiscard]] Result<HttpRequest> parse_request_head(std::string head);

struct ParsedResponseHead {
    HttpResponseHead head;  // with every field
    int minor_version = 1;
};
[[nodiscard]] Result<ParsedResponseHead> parse_response_head(std::string head);

}  // namespace postern::net
