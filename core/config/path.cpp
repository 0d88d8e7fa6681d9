#include "core/config/path.h"

#include <cstdlib>
#include <filesystem>

#include "core/base/in_quotes.h"

namespace postern::config {
namespace {

Result<std::string> environment(const char* name, std::string_view written) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value != '/') {
        return configuration_error(in_quotes(written) + " needs the environment's " + name +
                                   ", which is not an absolute path here");
    }
    return std::string(value);
}

Result<std::string> expand(std::string_view written) {
    constexpr std::string_view kCredentials = "${CREDENTIALS_DIRECTORY}";
    std::string text(written);
    if (text[0] == '~') {
        if (text.size() > 1 && text[1] != '/') {
            return configuration_error(in_quotes(text) +
                                       ": only one's own home is known, written as \"~/\"");
        }
        Result<std::string> home = environment("HOME", written);
        if (!home) return home;
        text.replace(0, 1, *home);
    } else if (text.starts_with(kCredentials)) {
        Result<std::string> credentials = environment("CREDENTIALS_DIRECTORY", written);
        if (!credentials) return credentials;
        text.replace(0, kCredentials.size(), *credentials);
    } else if (text.find("${") != std::string::npos) {
        return configuration_error(in_quotes(text) +
                                   ": only ${CREDENTIALS_DIRECTORY} is expanded, and only at "
                                   "the start of a path");
    }
    return text;
}

}  // namespace

Result<std::string> absolute_path(std::string_view written, const std::string& directory) {
    if (written.empty()) return configuration_error("is empty; name a file");
    for (const char c : written) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            return configuration_error("has a control character; a path has none");
        }
    }
    Result<std::string> expanded = expand(written);
    if (!expanded || expanded->front() == '/') return expanded;
    return directory + (directory.ends_with('/') ? "" : "/") + *expanded;
}

std::string directory_of(const Node& node) {
    return std::filesystem::path(node.position().file).parent_path().string();
}

}  // namespace postern::config
