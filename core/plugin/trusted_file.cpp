#include "core/plugin/trusted_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::plugin {
namespace {

constexpr off_t kMaxSize = 256 * 1024 * 1024;

struct FreeText {
    void operator()(char* text) const { std::free(text); }
};

Error system_error(const std::string& path, const char* what, int number) {
    return configuration_error(path + ": " + what + ": " + std::strerror(number));
}

// Why a file or folder with this status can be written by a stranger, or nothing.
std::optional<std::string> weakness(const struct stat& status) {
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
        return "belongs to user " + std::to_string(status.st_uid) +
               "; it and the folders above it must belong to root or to the user that runs "
               "Postern";
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return std::nullopt;
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    if (sticky && status.st_uid == 0) return std::nullopt;
    return "can be written by others than its owner; run chmod go-w on it";
}

Result<void> check_folders_above(const std::string& path) {
    std::string folder = path;
    while (folder != "/") {
        const std::size_t slash = folder.rfind('/');
        folder.resize(slash == 0 ? 1 : slash);
        struct stat status {};
        if (::lstat(folder.c_str(), &status) != 0) {
            return system_error(path, ("cannot look at " + folder).c_str(), errno);
        }
        if (const auto weak = weakness(status)) {
            return configuration_error(path + ": the folder " + folder + " " + *weak);
        }
    }
    return {};
}

Result<Bytes> read_all(const std::string& path, int descriptor, off_t size) {
    Bytes content(static_cast<std::size_t>(size));
    std::size_t have = 0;
    while (have < content.size()) {
        const ssize_t got = ::pread(descriptor, content.data() + have, content.size() - have,
                                    static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(path, "cannot be read", errno);
        if (got == 0) return configuration_error(path + ": became shorter while it was read");
        have += static_cast<std::size_t>(got);
    }
    return content;
}

}  // namespace

Result<TrustedFile> open_trusted_file(const std::string& path) {
    const std::unique_ptr<char, FreeText> resolved(::realpath(path.c_str(), nullptr));
    if (!resolved) return system_error(path, "cannot be opened", errno);

    TrustedFile file;
    file.path = resolved.get();
    // The last component is no link any more; if it has become one meanwhile, that is a no. Without
    // O_NONBLOCK a FIFO in its place would stop us here.
    file.descriptor.reset(
        ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file.descriptor) return system_error(path, "cannot be opened", errno);

    struct stat status {};
    if (::fstat(file.descriptor.get(), &status) != 0) {
        return system_error(path, "cannot be looked at", errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return configuration_error(path + ": is not a regular file");
    }
    if (const auto weak = weakness(status)) return configuration_error(path + ": " + *weak);
    if (status.st_size > kMaxSize) {
        return configuration_error(path + ": is longer than 256 MiB");
    }
    if (auto folders = check_folders_above(file.path); !folders) return folders.error();

    auto content = read_all(path, file.descriptor.get(), status.st_size);
    if (!content) return content.error();
    file.content = std::move(*content);
    file.device = status.st_dev;
    file.inode = status.st_ino;
    return file;
}

}  // namespace postern::plugin
