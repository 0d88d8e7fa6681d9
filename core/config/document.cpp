#include "core/config/document.h"

#include <algorithm>
#include <cctype>

namespace postern::config {
namespace {

bool is_array_of_tables(const Document& document) {
    const auto* array = std::get_if<Document::Array>(&document.value);
    return array != nullptr && !array->empty() &&
           std::all_of(array->begin(), array->end(), [](const Document& each) {
               return std::holds_alternative<Document::Table>(each.value);
           });
}

// A key that needs quotes in TOML has them in paths too, so that a path stays readable and one line
// whatever the key holds.
std::string key_text(std::string_view key) {
    const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    });
    if (bare) return std::string(key);
    std::string text = "\"";
    for (const char c : key) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        text += control || c == '"' ? '?' : c;
    }
    return text + "\"";
}

Result<void> merge_at(Document& document, Document more, const std::string& path);

Result<void> merge_tables(Document& table, Document::Table more, const std::string& path) {
    for (Document::Member& member : more) {
        Document* same = find(table, member.key);
        if (same == nullptr) {
            std::get<Document::Table>(table.value).push_back(std::move(member));
            continue;
        }
        const std::string key = key_text(member.key);
        Result<void> merged =
            merge_at(*same, std::move(member.value), path.empty() ? key : path + "." + key);
        if (!merged) return merged;
    }
    return {};
}

Result<void> merge_at(Document& document, Document more, const std::string& path) {
    auto* more_table = std::get_if<Document::Table>(&more.value);
    if (more_table != nullptr && std::holds_alternative<Document::Table>(document.value)) {
        return merge_tables(document, std::move(*more_table), path);
    }
    if (is_array_of_tables(document) && is_array_of_tables(more)) {
        auto& array = std::get<Document::Array>(document.value);
        for (Document& each : std::get<Document::Array>(more.value)) {
            array.push_back(std::move(each));
        }
        return {};
    }
    return configuration_error(more.position.text() + ": " + path + ": is set at " +
                               document.position.text() + " already; remove one of the two");
}

}  // namespace

Document* find(Document& document, std::string_view key) {
    auto* table = std::get_if<Document::Table>(&document.value);
    if (table == nullptr) return nullptr;
    const auto found =
        std::find_if(table->begin(), table->end(),
                     [&](const Document::Member& member) { return member.key == key; });
    return found == table->end() ? nullptr : &found->value;
}

Result<void> merge(Document& document, Document more) {
    return merge_at(document, std::move(more), {});
}

Node::Shared to_node(Document document, std::string path) {
    Node::Value value;
    if (auto* table = std::get_if<Document::Table>(&document.value)) {
        Node::Table members;
        members.reserve(table->size());
        for (auto& [key, member] : *table) {
            std::string below = path.empty() ? key_text(key) : path + "." + key_text(key);
            Node::Shared node = to_node(std::move(member), std::move(below));
            members.emplace_back(std::move(key), std::move(node));
        }
        value = std::move(members);
    } else if (auto* array = std::get_if<Document::Array>(&document.value)) {
        Node::Array elements;
        elements.reserve(array->size());
        for (std::size_t i = 0; i < array->size(); ++i) {
            elements.push_back(
                to_node(std::move((*array)[i]), path + "[" + std::to_string(i) + "]"));
        }
        value = std::move(elements);
    } else if (auto* text = std::get_if<std::string>(&document.value)) {
        value = std::move(*text);
    } else if (const auto* integer = std::get_if<std::int64_t>(&document.value)) {
        value = *integer;
    } else if (const auto* real = std::get_if<double>(&document.value)) {
        value = *real;
    } else if (const auto* truth = std::get_if<bool>(&document.value)) {
        value = *truth;
    } else {
        value = std::get<Node::DateTime>(document.value);
    }
    return std::make_shared<const Node>(std::move(value), std::move(path),
                                        std::move(document.position));
}

}  // namespace postern::config
