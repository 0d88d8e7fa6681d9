#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace postern::upstream {

// What may be done at a place of the file system that is not like all others.
enum class Access : std::uint8_t { none, read };

// Paths that are not open to a child, as the part of the file system's tree that leads to them.
struct HiddenTree {
    struct Node {
        std::map<std::string, Node, std::less<>> below;  // of a folder on the way
        bool is_leaf = false;                            // hidden, with all below it
        Access access = Access::none;                    // of a leaf
    };
    Node root;

    // `path` (absolute) and every symbolic link on the way to it: the file is hidden by each of its
    // names, and no link can be replaced by one that leads elsewhere. What does not exist is taken
    // as written. The stricter of two accesses holds. Looks at the file system: blocks.
    void add(std::string_view path, Access access);
};

// True when `path` is `folder` or lies below it; both absolute, without links.
[[nodiscard]] bool is_within(std::string_view path, std::string_view folder);

// Links, "." and ".." resolved as far as the path exists; the rest as written.
[[nodiscard]] std::string resolved_path(std::string_view path);

}  // namespace postern::upstream
