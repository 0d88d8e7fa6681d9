#include "core/config/table_reader.h"

#include <algorithm>

#include "core/base/in_quotes.h"
#include "core/base/nearest.h"
#include "core/base/units.h"
#include "core/config/path.h"

namespace postern::config {
namespace {

std::string quoted_list(std::span<const std::string> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += "\"" + words[i] + "\"";
    }
    return text;
}

std::string not_yet(std::string_view only) {
    return std::string(kNotYet) + "; remove it, or leave it at its default, " + std::string(only);
}

}  // namespace

void TableReader::string(std::string_view key, std::string& out) {
    const Node* node = member(key, NodeType::string);
    if (node != nullptr) out = *node->as_string();
}

void TableReader::boolean(std::string_view key, bool& out) {
    const Node* node = member(key, NodeType::boolean);
    if (node != nullptr) out = *node->as_boolean();
}

void TableReader::integer(std::string_view key, std::int64_t& out, std::int64_t least,
                          std::int64_t most) {
    const Node* node = member(key, NodeType::integer);
    if (node == nullptr) return;
    const std::int64_t number = *node->as_integer();
    if (number < least || number > most) {
        reading_.fail(*node, std::to_string(number) + " is out of range; it goes from " +
                                 std::to_string(least) + " to " + std::to_string(most));
        return;
    }
    out = number;
}

void TableReader::duration(std::string_view key, std::uint64_t& out, std::uint64_t least,
                           std::uint64_t most) {
    const Node* node = member(key, NodeType::string);
    if (node == nullptr) return;
    const Result<std::uint64_t> value = parse_duration_ns(*node->as_string());
    if (!value) {
        reading_.fail(*node, value.error().message);
    } else if (*value < least || *value > most) {
        reading_.fail(*node, in_quotes(*node->as_string()) + " is out of range; it goes from \"" +
                                 format_duration(least) + "\" to \"" + format_duration(most) +
                                 "\"");
    } else {
        out = *value;
    }
}

void TableReader::size(std::string_view key, std::uint64_t& out, std::uint64_t least,
                       std::uint64_t most) {
    const Node* node = member(key, NodeType::string);
    if (node == nullptr) return;
    const Result<std::uint64_t> value = parse_size(*node->as_string());
    if (!value) {
        reading_.fail(*node, value.error().message);
    } else if (*value < least || *value > most) {
        reading_.fail(*node, in_quotes(*node->as_string()) + " is out of range; it goes from \"" +
                                 format_size(least) + "\" to \"" + format_size(most) + "\"");
    } else {
        out = *value;
    }
}

void TableReader::strings(std::string_view key, std::vector<std::string>& out) {
    const Node* node = member(key, NodeType::array);
    if (node == nullptr) return;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < node->length(); ++i) {
        const Node& element = *node->element(i);
        const std::optional<std::string_view> text = element.as_string();
        if (!text || text->empty()) {
            reading_.fail(element, text ? "is empty"
                                        : "is " + std::string(type_name(element.type())) +
                                              "; it has to be a string");
            return;
        }
        texts.emplace_back(*text);
    }
    out = std::move(texts);
}

void TableReader::path(std::string_view key, std::string& out) {
    const Node* node = member(key, NodeType::string);
    if (node == nullptr) return;
    const std::string_view written = *node->as_string();
    if (written.empty()) {
        out.clear();
        return;
    }
    Result<std::string> absolute = absolute_path(written, directory_of(*node));
    if (!absolute) {
        reading_.fail(*node, absolute.error().message);
        return;
    }
    out = std::move(*absolute);
}

void TableReader::paths(std::string_view key, std::vector<std::string>& out) {
    std::vector<std::string> written;
    strings(key, written);
    if (written.empty()) return;
    const Node& array = *table_.member(key);
    std::vector<std::string> absolutes;
    for (std::size_t i = 0; i < written.size(); ++i) {
        const Node& element = *array.element(i);
        Result<std::string> absolute = absolute_path(written[i], directory_of(element));
        if (!absolute) {
            reading_.fail(element, absolute.error().message);
            return;
        }
        absolutes.push_back(std::move(*absolute));
    }
    out = std::move(absolutes);
}

const Node* TableReader::table(std::string_view key) {
    return member(key, NodeType::table);
}

Node::Shared TableReader::shared_table(std::string_view key) {
    return member(key, NodeType::table) == nullptr ? nullptr : table_.shared_member(key);
}

std::vector<Node::Shared> TableReader::tables(std::string_view key) {
    std::vector<Node::Shared> elements;
    const Node* array = member(key, NodeType::array);
    if (array == nullptr) return elements;
    for (std::size_t i = 0; i < array->length(); ++i) {
        Node::Shared element = array->shared_element(i);
        if (element->type() != NodeType::table) {
            reading_.fail(*element, "is " + std::string(type_name(element->type())) +
                                        "; it has to be a table");
            continue;
        }
        elements.push_back(std::move(element));
    }
    return elements;
}

void TableReader::only(std::string_view key, std::string_view default_word) {
    const Node* node = table_.member(key);
    if (node == nullptr || node->as_string() == default_word) return;
    reading_.unread.insert(node);
    reading_.fail(*node, not_yet("\"" + std::string(default_word) + "\""));
}

void TableReader::only_truth(std::string_view key, bool default_truth) {
    const Node* node = table_.member(key);
    if (node == nullptr || node->as_boolean() == default_truth) return;
    reading_.unread.insert(node);
    reading_.fail(*node, not_yet(default_truth ? "true" : "false"));
}

void TableReader::only_empty(std::string_view key) {
    const Node* node = table_.member(key);
    if (node == nullptr || (node->type() == NodeType::array && node->length() == 0)) return;
    reading_.unread.insert(node);
    reading_.fail(*node, not_yet("[]"));
}

void TableReader::refuse(std::string_view key, std::string_view why) {
    const Node* node = table_.member(key);
    if (node == nullptr) return;
    reading_.unread.insert(node);
    reading_.fail(*node, why);
}

bool TableReader::missing(std::string_view key) const {
    const Node* node = table_.member(key);
    if (node == nullptr || node->as_string() == "") return true;
    return node->type() == NodeType::array && node->length() == 0;
}

void TableReader::fail(std::string_view key, std::string_view what) {
    const Node* node = table_.member(key);
    if (node != nullptr) {
        reading_.fail(*node, what);
        return;
    }
    reading_.fail(table_, std::string(key) + " " + std::string(what));
}

const Node* TableReader::member(std::string_view key, NodeType type) {
    const Node* node = table_.member(key);
    if (node == nullptr || node->type() == type) return node;
    reading_.unread.insert(node);
    std::string what = "is " + std::string(type_name(node->type())) + "; it has to be " +
                       std::string(type_name(type));
    if (type == NodeType::string && node->type() == NodeType::integer) what += ", in quotes";
    if (type == NodeType::array && node->type() == NodeType::table) {
        what += ": [[" + std::string(key) + "]]";
    }
    reading_.fail(*node, what);
    return nullptr;
}

std::size_t TableReader::word_index(std::string_view key, std::span<const std::string> words) {
    const Node* node = member(key, NodeType::string);
    if (node == nullptr) return words.size();
    const std::string_view word = *node->as_string();
    const auto found = std::find(words.begin(), words.end(), word);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    const std::optional<std::string> meant = nearest(word, words);
    std::string what = in_quotes(word) + " is not one of " + quoted_list(words);
    if (meant) what += "; did you mean \"" + *meant + "\"?";
    reading_.fail(*node, what);
    return words.size();
}

}  // namespace postern::config
