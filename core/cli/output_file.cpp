#include "core/cli/output_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/unique_fd.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

Result<gid_t> group_id(const std::string& name) {
    std::array<char, 64 * 1024> buffer;
    group entry{};
    group* found = nullptr;
    if (getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
        return configuration_error("--group: there is no group \"" + printable(name) +
                                   "\"; getent group lists them");
    return found->gr_gid;
}

// By descriptor: the name could lead elsewhere by now.
Result<void> give_to_group(const std::string& path, gid_t gid) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file || ::fchown(file.get(), static_cast<uid_t>(-1), gid) != 0 ||
        ::fchmod(file.get(), 0640) != 0)
        return internal_error(printable(path) +
                              ": cannot be given to the group of --group: " + std::strerror(errno));
    return {};
}

}  // namespace

Result<void> expect_absent(const std::string& path, const std::string& why) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return {};
    return configuration_error(printable(path) + ": exists already; " + why);
}

Result<void> check_group(const std::string& group) {
    if (group.empty()) return {};
    const auto gid = group_id(group);
    if (!gid) return gid.error();
    return {};
}

Result<void> write_secret_file(const std::string& path, const Secret& content,
                               const std::string& group) {
    if (auto written = write_file(path, content.bytes(), 0600, Replace::no); !written)
        return written;
    if (group.empty()) return {};
    const auto gid = group_id(group);
    auto given = gid ? give_to_group(path, *gid) : Result<void>(gid.error());
    if (!given) ::unlink(path.c_str());  // a key that its group cannot read is of no use to anyone
    return given;
}

Result<void> write_public_file(const std::string& path, ByteView content, Replace replace) {
    return write_file(path, content, 0644, replace);
}

Result<void> make_directory(const std::string& path) {
    std::filesystem::path made;
    for (const auto& part : std::filesystem::path(path)) {
        made /= part;
        if (::mkdir(made.c_str(), 0700) == 0 || errno == EEXIST || errno == EISDIR) continue;
        return configuration_error(printable(path) +
                                   ": the directory cannot be made: " + std::strerror(errno));
    }
    std::error_code error;
    if (!std::filesystem::is_directory(path, error))
        return configuration_error(printable(path) + ": is not a directory");
    return {};
}

}  // namespace postern::cli
