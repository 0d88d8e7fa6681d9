#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/config/node.h"

namespace postern::config {

// `written` as an absolute path. "~" at its start is $HOME and ${CREDENTIALS_DIRECTORY} is that
// variable's value; nothing else is expanded. What is relative then is below `directory`. The error
// lacks the position: Node::error() adds it.
[[nodiscard]] Result<std::string> absolute_path(std::string_view written,
                                                const std::string& directory);

// The folder of the file that a node was written in: what certificates, rules and plugins are
// relative to.
[[nodiscard]] std::string directory_of(const Node& node);

}  // namespace postern::config
