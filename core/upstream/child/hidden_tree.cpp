#include "core/upstream/child/hidden_tree.h"

#include <deque>
#include <optional>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>
#include <climits>

namespace postern::upstream {
namespace {

constexpr int kMostLinks = 40;  // as the kernel

std::deque<std::string> components(std::string_view path) {
    std::deque<std::string> parts;
    while (!path.empty()) {
        const std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(part.size() + 1, path.size()));
        if (!part.empty() && part != ".") parts.emplace_back(part);
    }
    return parts;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string path;
    for (const std::string& part : parts) path += "/" + part;
    return path.empty() ? "/" : path;
}

std::optional<std::string> link_target(const std::string& path) {
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    if (size <= 0) return std::nullopt;
    return std::string(target, static_cast<std::size_t>(size));
}

// Walks `path` as the kernel would; `on_link` is told the place of each link that it meets.
template <class OnLink>
std::vector<std::string> walk(std::string_view path, OnLink on_link) {
    std::deque<std::string> left = components(path);
    std::vector<std::string> place;
    int links = 0;
    while (!left.empty()) {
        std::string part = std::move(left.front());
        left.pop_front();
        if (part == "..") {
            if (!place.empty()) place.pop_back();
            continue;
        }
        place.push_back(std::move(part));
        const auto target = link_target(joined(place));
        if (!target || ++links > kMostLinks) continue;
        on_link(place);
        place.pop_back();
        if (target->front() == '/') place.clear();
        std::deque<std::string> more = components(*target);
        left.insert(left.begin(), more.begin(), more.end());
    }
    return place;
}

void insert(HiddenTree::Node& root, const std::vector<std::string>& place, Access access) {
    HiddenTree::Node* node = &root;
    for (const std::string& part : place) {
        if (node->is_leaf && node->access == Access::none) return;
        node = &node->below[part];
    }
    if (node->is_leaf && node->access < access) return;
    node->is_leaf = true;
    node->access = access;
    if (access == Access::none) node->below.clear();
}

}  // namespace

void HiddenTree::add(std::string_view path, Access access) {
    const auto place = walk(path, [&](const auto& link) { insert(root, link, access); });
    insert(root, place, access);
}

bool is_within(std::string_view path, std::string_view folder) {
    if (folder == "/") return true;
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string resolved_path(std::string_view path) {
    return joined(walk(path, [](const auto&) {}));
}

}  // namespace postern::upstream
