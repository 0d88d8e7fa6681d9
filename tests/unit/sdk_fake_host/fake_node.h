#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "postern/plugin.h"

namespace postern::fake {

// A plugin's configuration as a literal:
//
//   FakeNode::table({{"pins", FakeNode::array({"sha256/…"})}, {"limit", 3}})
//
// It remembers what was asked for and what was failed. Relative paths resolve below
// kConfigDirectory and kStateDirectory.
class FakeNode {
public:
    static constexpr const char* kConfigDirectory = "/config";
    static constexpr const char* kStateDirectory = "/state";

    using Entry = std::pair<std::string, FakeNode>;
    using Table = std::vector<Entry>;
    using Array = std::vector<FakeNode>;

    FakeNode(const char* value) : value_(std::string(value)) {}
    FakeNode(std::string value) : value_(std::move(value)) {}
    FakeNode(int value) : value_(std::int64_t{value}) {}
    FakeNode(std::int64_t value) : value_(value) {}
    FakeNode(double value) : value_(value) {}
    FakeNode(bool value) : value_(value) {}

    static FakeNode table(std::vector<Entry> entries) {
        return FakeNode(Value(std::move(entries)));
    }
    static FakeNode array(std::vector<FakeNode> values) {
        return FakeNode(Value(std::move(values)));
    }

    const postern_node* handle() const { return reinterpret_cast<const postern_node*>(this); }

    // "pins[1]: what is wrong", for every fail() and every value of the wrong type below this node.
    std::vector<std::string> errors() const;
    // Keys of this table that nobody asked for.
    std::vector<std::string> unknown_keys() const;

    // What read_file() finds, by path; for the whole process.
    static std::map<std::string, FakeNode>& files();
    void forget_errors() const { errors_.clear(); }

    static const postern_config* service();

private:
    using Value = std::variant<std::int64_t, double, bool, std::string, Table, Array>;
    friend struct FakeConfigService;

    explicit FakeNode(Value value) : value_(std::move(value)) {}
    void collect(const std::string& path, std::vector<std::string>& out) const;

    Value value_;
    mutable std::set<std::string> asked_;
    mutable std::vector<std::string> errors_;
    mutable std::string resolved_;  // what as_path() handed out
};

}  // namespace postern::fake
