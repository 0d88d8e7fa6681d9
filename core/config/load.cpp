#include "core/config/load.h"

#include <algorithm>

#include "core/config/include.h"
#include "core/config/path.h"
#include "core/config/readers.h"

namespace postern::config {
namespace {

// A broken file can have a wrong key on every line; nobody reads more than this.
constexpr std::size_t kMostErrors = 100;

Loaded failure(const Error& error) {
    return {std::nullopt, {error.message}};
}

Loaded read_tree(const Result<Node::Shared>& root) {
    return root ? read(**root) : failure(root.error());
}

void bound(std::vector<std::string>& errors) {
    if (errors.size() <= kMostErrors) return;
    const std::string rest = std::to_string(errors.size() - kMostErrors);
    errors.resize(kMostErrors);
    errors.push_back("and " + rest + " errors more");
}

}  // namespace

Loaded load(const std::string& path) {
    const Result<std::string> absolute = path_from_here(path);
    if (!absolute) return failure(absolute.error());
    return read_tree(load_tree(*absolute));
}

Loaded load_text(std::string_view text, const std::string& file) {
    return read_tree(load_tree_from(text, file));
}

Loaded read(const Node& root) {
    Reading reading;
    Configuration configuration;
    configuration.file = root.position().file;
    read_root({reading, root}, configuration);
    const std::vector<std::string> unknown = unknown_keys(root, reading.unread);
    reading.errors.insert(reading.errors.end(), unknown.begin(), unknown.end());
    bound(reading.errors);
    if (!reading.errors.empty()) return {std::nullopt, std::move(reading.errors)};
    return {std::move(configuration), {}};
}

}  // namespace postern::config
