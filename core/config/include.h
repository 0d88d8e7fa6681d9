#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/config/node.h"

namespace postern::config {

// The file as a tree, with those that its `include` names merged into it. `file` is absolute.
[[nodiscard]] Result<Node::Shared> load_tree(const std::string& file);
[[nodiscard]] Result<Node::Shared> load_tree_from(std::string_view text, const std::string& file);

// One file as a tree, for a plugin; what it says of `include` means nothing.
[[nodiscard]] Result<Node::Shared> load_file(const std::string& file);

// A path as a user gives it on the command line, made absolute.
[[nodiscard]] Result<std::string> path_from_here(const std::string& path);

}  // namespace postern::config
