#include "core/config/include.h"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include <glob.h>

#include "core/base/file.h"
#include "core/config/document.h"
#include "core/config/path.h"
#include "core/config/toml_adapter.h"

namespace postern::config {
namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{4} << 20;
constexpr std::size_t kMostFiles = 256;

struct FreeGlob {
    void operator()(glob_t* matches) const {
        ::globfree(matches);
        delete matches;
    }
};

Result<Document> read_document(const std::string& file) {
    Result<Bytes> content = read_file(file, kLargestFile);
    if (!content) return content.error();
    return parse_toml(as_text(*content), file);
}

// A folder that is not there holds nothing; one that cannot be read may hold a listener.
int stop_at(const char* /*folder*/, int error) {
    return error == ENOENT || error == ENOTDIR ? 0 : 1;
}

// In the order of their names, as a shell would list them.
Result<std::vector<std::string>> matches_of(const std::string& pattern, const Node& place) {
    const std::unique_ptr<glob_t, FreeGlob> found(new glob_t{});
    const int answer = ::glob(pattern.c_str(), 0, stop_at, found.get());
    const bool is_pattern = pattern.find_first_of("*?[") != std::string::npos;
    if (answer == GLOB_NOMATCH && is_pattern) return std::vector<std::string>{};
    if (answer == GLOB_NOMATCH) {
        return configuration_error(place.error("there is no file " + pattern));
    }
    if (answer != 0) {
        return configuration_error(place.error("cannot list " + pattern));
    }
    return std::vector<std::string>(found->gl_pathv, found->gl_pathv + found->gl_pathc);
}

Result<std::vector<std::string>> included_files(const Node& include) {
    const auto* elements = std::get_if<Node::Array>(&include.value());
    if (elements == nullptr) {
        return configuration_error(include.error("is " + std::string(type_name(include.type())) +
                                                 "; it has to be an array of strings"));
    }
    std::vector<std::string> files;
    for (const Node::Shared& element : *elements) {
        const std::optional<std::string_view> written = element->as_string();
        if (!written) return configuration_error(element->error("has to be a string"));
        const Result<std::string> pattern = absolute_path(*written, directory_of(*element));
        if (!pattern) return configuration_error(element->error(pattern.error().message));
        const Result<std::vector<std::string>> matches = matches_of(*pattern, *element);
        if (!matches) return matches.error();
        files.insert(files.end(), matches->begin(), matches->end());
        if (files.size() > kMostFiles) {
            return configuration_error(
                element->error("names more than " + std::to_string(kMostFiles) + " files"));
        }
    }
    return files;
}

Result<Node::Shared> with_included(Document document) {
    const Document* include = find(document, "include");
    if (include == nullptr) return to_node(std::move(document));
    const Node::Shared node = to_node(*include, "include");
    const Result<std::vector<std::string>> files = included_files(*node);
    if (!files) return files.error();
    for (const std::string& file : *files) {
        Result<Document> more = read_document(file);
        if (!more) return configuration_error(node->error(more.error().message));
        if (const Document* nested = find(*more, "include")) {
            return configuration_error(nested->position.text() +
                                       ": include: only the main file may include others");
        }
        Result<void> merged = merge(document, std::move(*more));
        if (!merged) return merged.error();
    }
    return to_node(std::move(document));
}

}  // namespace

Result<Node::Shared> load_tree(const std::string& file) {
    Result<Document> document = read_document(file);
    if (!document) return document.error();
    return with_included(std::move(*document));
}

Result<Node::Shared> load_tree_from(std::string_view text, const std::string& file) {
    if (text.size() > kLargestFile) {
        return configuration_error(file + ": is larger than " + std::to_string(kLargestFile) +
                                   " bytes");
    }
    Result<Document> document = parse_toml(text, file);
    if (!document) return document.error();
    return with_included(std::move(*document));
}

Result<Node::Shared> load_file(const std::string& file) {
    Result<Document> document = read_document(file);
    if (!document) return document.error();
    return to_node(std::move(*document));
}

Result<std::string> path_from_here(const std::string& path) {
    std::error_code error;
    const std::string absolute = std::filesystem::absolute(path, error).string();
    if (error) return configuration_error("cannot find " + path + ": " + error.message());
    return absolute;
}

}  // namespace postern::config
