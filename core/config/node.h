#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace postern::config {

// Where something was written. line and column count from 1; 0 is "nowhere in particular".
struct Position {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    [[nodiscard]] std::string text() const;  // "FILE:LINE:COLUMN"
};

// The numbers are POSTERN_NODE_* of the SDK's postern.config/1.
enum class NodeType : std::uint8_t { table = 1, array, string, integer, real, boolean, datetime };
[[nodiscard]] std::string_view type_name(NodeType type);  // "a table", "an integer"

// A value of a configuration file, with everything below it. Never changes once loaded, except for
// remembering which keys were asked for: member(), entry() and unknown_keys() are for the one
// thread that reads the configuration. Pointers handed out live as long as the node they came from.
class Node {
public:
    using Shared = std::shared_ptr<const Node>;
    // A table keeps the order of its keys, so that messages follow the file.
    using Table = std::vector<std::pair<std::string, Shared>>;
    using Array = std::vector<Shared>;
    struct DateTime {
        std::int64_t seconds;  // since the epoch, UTC
    };
    using Value = std::variant<Table, Array, std::string, std::int64_t, double, bool, DateTime>;
    struct Entry {
        std::string_view key;
        const Node* value;
    };

    Node(Value value, std::string path, Position position);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    [[nodiscard]] NodeType type() const { return static_cast<NodeType>(value_.index() + 1); }
    [[nodiscard]] const std::string& path() const { return path_; }  // "listener[0].tls.policy"
    [[nodiscard]] const Position& position() const { return position_; }
    [[nodiscard]] std::size_t length() const;  // of a table or an array, else 0

    // Of a table: the value or null; the key counts as asked for either way.
    [[nodiscard]] const Node* member(std::string_view key) const;
    [[nodiscard]] Shared shared_member(std::string_view key) const;
    // Of an array: null past its end.
    [[nodiscard]] const Node* element(std::size_t index) const;
    [[nodiscard]] Shared shared_element(std::size_t index) const;
    // A table as a map whose keys are data; the key counts as asked for.
    [[nodiscard]] std::optional<Entry> entry(std::size_t index) const;

    // Empty when the node is of another type.
    [[nodiscard]] std::optional<std::string_view> as_string() const;
    [[nodiscard]] std::optional<std::int64_t> as_integer() const;
    [[nodiscard]] std::optional<double> as_real() const;  // takes an integer too
    [[nodiscard]] std::optional<bool> as_boolean() const;
    [[nodiscard]] std::optional<std::int64_t> as_seconds() const;  // a date-time

    // "FILE:LINE:COLUMN: listener[0].port: what", the form of every configuration error.
    [[nodiscard]] std::string error(std::string_view what) const;

    // For the loader and for the report below.
    [[nodiscard]] const Value& value() const { return value_; }
    [[nodiscard]] const std::set<std::string, std::less<>>& asked() const { return asked_; }

private:
    Value value_;
    std::string path_;
    Position position_;
    std::map<std::string_view, std::size_t> index_;  // of a table: key to place in it
    mutable std::set<std::string, std::less<>> asked_;
};

// A table without keys, for a plugin that was given no configuration.
[[nodiscard]] Node::Shared empty_table(std::string path, Position position);

// One error for every key below `table` that nobody asked for, with the nearest of those that were
// asked for beside it. A table of which nothing was asked is reported once, as a whole, by its key.
// Subtrees in `except` are left out: they belong to plugins that read them later.
[[nodiscard]] std::vector<std::string> unknown_keys(const Node& table,
                                                    const std::set<const Node*>& except = {});

}  // namespace postern::config
