#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/config/node.h"

namespace postern::config {

// What a file says, before files are merged and every value learns its path.
struct Document {
    struct Member;
    using Table = std::vector<Member>;
    using Array = std::vector<Document>;
    using Value =
        std::variant<Table, Array, std::string, std::int64_t, double, bool, Node::DateTime>;

    Value value;
    Position position;
};

struct Document::Member {
    std::string key;
    Document value;
};

// The value of `key`, or null: of no table, or not in it.
[[nodiscard]] Document* find(Document& document, std::string_view key);

// Adds `more` to `document`; both are tables. Tables are joined key by key and arrays of tables one
// after the other; anything else may be said only once, or the error names both places.
[[nodiscard]] Result<void> merge(Document& document, Document more);

// Every value with its path: "listener[0].tls.certificate".
[[nodiscard]] Node::Shared to_node(Document document, std::string path = {});

}  // namespace postern::config
