#include "core/config/node.h"

#include "core/base/nearest.h"

namespace postern::config {
namespace {

void collect_unknown(const Node& node, const std::set<const Node*>& except,
                     std::vector<std::string>& errors);

std::string unknown_key(std::string_view key, const Node& table, const Node& value) {
    std::vector<std::string> known(table.asked().begin(), table.asked().end());
    const std::optional<std::string> meant = nearest(key, known);
    if (!meant) return value.error("unknown key");
    return value.error("unknown key; did you mean \"" + *meant + "\"?");
}

void collect_below(const Node& value, const std::set<const Node*>& except,
                   std::vector<std::string>& errors) {
    if (!except.contains(&value)) collect_unknown(value, except, errors);
}

void collect_unknown(const Node& node, const std::set<const Node*>& except,
                     std::vector<std::string>& errors) {
    if (const auto* table = std::get_if<Node::Table>(&node.value())) {
        for (const auto& [key, value] : *table) {
            if (!node.asked().contains(key)) {
                errors.push_back(unknown_key(key, node, *value));
            } else {
                collect_below(*value, except, errors);
            }
        }
    } else if (const auto* array = std::get_if<Node::Array>(&node.value())) {
        for (const Node::Shared& value : *array) collect_below(*value, except, errors);
    }
}

// Keys and values may be hostile, and an error is one line of bounded length.
std::string printable(std::string text) {
    constexpr std::size_t kLongest = 1000;
    if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text;
}

}  // namespace

std::string Position::text() const {
    if (line == 0) return file;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string_view type_name(NodeType type) {
    switch (type) {
        case NodeType::table:
            return "a table";
        case NodeType::array:
            return "an array";
        case NodeType::string:
            return "a string";
        case NodeType::integer:
            return "an integer";
        case NodeType::real:
            return "a real number";
        case NodeType::boolean:
            return "a boolean";
        case NodeType::datetime:
            return "a date-time";
    }
    return "unknown";
}

Node::Node(Value value, std::string path, Position position)
    : value_(std::move(value)), path_(std::move(path)), position_(std::move(position)) {
    if (const auto* table = std::get_if<Table>(&value_)) {
        for (std::size_t i = 0; i < table->size(); ++i) index_.emplace((*table)[i].first, i);
    }
}

std::size_t Node::length() const {
    if (const auto* table = std::get_if<Table>(&value_)) return table->size();
    if (const auto* array = std::get_if<Array>(&value_)) return array->size();
    return 0;
}

const Node* Node::member(std::string_view key) const {
    return shared_member(key).get();
}

Node::Shared Node::shared_member(std::string_view key) const {
    const auto* table = std::get_if<Table>(&value_);
    if (table == nullptr) return nullptr;
    asked_.emplace(key);
    const auto place = index_.find(key);
    return place == index_.end() ? nullptr : (*table)[place->second].second;
}

const Node* Node::element(std::size_t index) const {
    return shared_element(index).get();
}

Node::Shared Node::shared_element(std::size_t index) const {
    const auto* array = std::get_if<Array>(&value_);
    if (array == nullptr || index >= array->size()) return nullptr;
    return (*array)[index];
}

std::optional<Node::Entry> Node::entry(std::size_t index) const {
    const auto* table = std::get_if<Table>(&value_);
    if (table == nullptr || index >= table->size()) return std::nullopt;
    const auto& [key, value] = (*table)[index];
    asked_.emplace(key);
    return Entry{key, value.get()};
}

std::optional<std::string_view> Node::as_string() const {
    const auto* text = std::get_if<std::string>(&value_);
    if (text == nullptr) return std::nullopt;
    return *text;
}

std::optional<std::int64_t> Node::as_integer() const {
    const auto* number = std::get_if<std::int64_t>(&value_);
    if (number == nullptr) return std::nullopt;
    return *number;
}

std::optional<double> Node::as_real() const {
    if (const auto* number = std::get_if<double>(&value_)) return *number;
    const std::optional<std::int64_t> whole = as_integer();
    if (!whole) return std::nullopt;
    return static_cast<double>(*whole);
}

std::optional<bool> Node::as_boolean() const {
    const auto* truth = std::get_if<bool>(&value_);
    if (truth == nullptr) return std::nullopt;
    return *truth;
}

std::optional<std::int64_t> Node::as_seconds() const {
    const auto* time = std::get_if<DateTime>(&value_);
    if (time == nullptr) return std::nullopt;
    return time->seconds;
}

std::string Node::error(std::string_view what) const {
    std::string text = position_.text();
    text += ": ";
    if (!path_.empty()) text.append(path_).append(": ");
    return printable(text.append(what));
}

Node::Shared empty_table(std::string path, Position position) {
    return std::make_shared<const Node>(Node::Table{}, std::move(path), std::move(position));
}

std::vector<std::string> unknown_keys(const Node& table, const std::set<const Node*>& except) {
    std::vector<std::string> errors;
    collect_below(table, except, errors);
    return errors;
}

}  // namespace postern::config
