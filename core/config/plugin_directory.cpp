#include "core/config/plugin_directory.h"

#include <filesystem>
#include <system_error>

namespace postern::config {

std::string default_plugin_directory() {
    const std::string build = POSTERN_BUILD_DIRECTORY;
    std::error_code error;
    const std::string self = std::filesystem::read_symlink("/proc/self/exe", error).string();
    if (!error && self.starts_with(build + "/")) return build + "/plugins";
    return POSTERN_PLUGIN_DIRECTORY;
}

}  // namespace postern::config
