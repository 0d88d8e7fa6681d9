#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.h"
#include "core/config/words.h"

namespace postern::config {

// What all tables of one load share. A user sees every error at once, up to a bound.
struct Reading {
    std::vector<std::string> errors;
    std::set<const Node*>
        unread;  // plugins' tables and refused ones: not searched for unknown keys
    std::string runtime_directory;
    std::string plugin_directory;

    void fail(const Node& node, std::string_view what) { errors.push_back(node.error(what)); }
};

inline constexpr std::uint64_t kLongestDuration = std::uint64_t{3650} * 86400 * kSecond;

// Typed reading of one table. A key that is absent leaves `out` as it is, so that its default
// stays; one that is wrong is reported, and leaves it too.
class TableReader {
public:
    TableReader(Reading& reading, const Node& table) : reading_(reading), table_(table) {}

    void string(std::string_view key, std::string& out);
    void boolean(std::string_view key, bool& out);
    void integer(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most);
    void duration(std::string_view key, std::uint64_t& out, std::uint64_t least,
                  std::uint64_t most = kLongestDuration);
    void size(std::string_view key, std::uint64_t& out, std::uint64_t least, std::uint64_t most);
    void strings(std::string_view key, std::vector<std::string>& out);
    // "" stands for none, where a key's default is none.
    void path(std::string_view key, std::string& out);
    void paths(std::string_view key, std::vector<std::string>& out);

    template <class T, std::size_t count>
    void word(std::string_view key, const std::array<Word<T>, count>& words, T& out) {
        std::vector<std::string> texts;
        for (const Word<T>& each : words) texts.emplace_back(each.text);
        const std::size_t index = word_index(key, texts);
        if (index < count) out = words[index].value;
    }

    // Null if absent or not of that type, which is reported.
    const Node* table(std::string_view key);
    Node::Shared shared_table(std::string_view key);
    std::vector<Node::Shared> tables(std::string_view key);

    // Keys of features that this version does not have: taken at their default, refused otherwise.
    void only(std::string_view key, std::string_view default_word);
    void only_truth(std::string_view key, bool default_truth);
    void only_empty(std::string_view key);
    void refuse(std::string_view key, std::string_view why);

    [[nodiscard]] bool has(std::string_view key) const { return table_.member(key) != nullptr; }
    // Absent or empty: what is of the wrong type is reported already.
    [[nodiscard]] bool missing(std::string_view key) const;
    [[nodiscard]] const Node& node() const { return table_; }
    // At the key, or at the table where the key is missing.
    void fail(std::string_view key, std::string_view what);
    void fail_here(std::string_view what) { reading_.fail(table_, what); }
    [[nodiscard]] Reading& reading() { return reading_; }

private:
    const Node* member(std::string_view key, NodeType type);
    std::size_t word_index(std::string_view key, std::span<const std::string> words);

    Reading& reading_;
    const Node& table_;
};

inline constexpr std::string_view kNotYet = "is not supported yet in this version";

}  // namespace postern::config
