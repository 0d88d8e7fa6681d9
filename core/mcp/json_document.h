#pragma once

#include <memory>
#include <string_view>

#include <simdjson.h>

#include "core/base/result.h"

namespace postern::mcp {

// A parsed JSON text. simdjson checks all of it: grammar, UTF-8, depth (kMaxDepth). Numbers that
// fit no machine type are allowed, as in JSON; here they read as some other number.
class JsonDocument {
public:
    [[nodiscard]] static Result<JsonDocument> parse(std::string_view text);
    ~JsonDocument();
    JsonDocument(JsonDocument&&) noexcept = default;
    JsonDocument& operator=(JsonDocument&&) noexcept = default;

    [[nodiscard]] simdjson::dom::element root() const { return root_; }

private:
    JsonDocument(std::unique_ptr<simdjson::dom::parser> parser, simdjson::dom::element root)
        : parser_(std::move(parser)), root_(root) {}

    std::unique_ptr<simdjson::dom::parser> parser_;  // owns what root_ points into
    simdjson::dom::element root_;
};

}  // namespace postern::mcp
