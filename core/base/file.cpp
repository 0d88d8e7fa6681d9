#include "core/base/file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/unique_fd.h"

namespace postern {
namespace {

std::string error_text(int error) {
    return std::generic_category().message(error);
}

Error cannot(std::string_view what, const std::string& path, int error) {
    return configuration_error("cannot " + std::string(what) + " " + path + ": " +
                               error_text(error));
}

Error too_large(const std::string& path, std::uint64_t limit) {
    return configuration_error("cannot read " + path + ": it is larger than " +
                               std::to_string(limit) + " bytes");
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

bool write_all(int fd, ByteView content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

// Removes the temporary file unless it became the real one.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string name) : name_(std::move(name)) {
        fd_ = UniqueFd(::mkostemp(name_.data(), O_CLOEXEC));  // created with mode 0600
        exists_ = static_cast<bool>(fd_);
    }
    ~TemporaryFile() {
        if (exists_) ::unlink(name_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const char* name() const { return name_.c_str(); }
    void renamed() { exists_ = false; }

private:
    std::string name_;
    UniqueFd fd_;
    bool exists_ = false;
};

}  // namespace

Result<Bytes> read_file(const std::string& path, std::uint64_t limit) {
    // O_NONBLOCK: a FIFO in the file's place must not hang us.
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) return cannot("read", path, errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return cannot("read", path, errno);
    if (!S_ISREG(status.st_mode)) {
        return configuration_error("cannot read " + path + ": it is not a regular file");
    }
    if (static_cast<std::uint64_t>(status.st_size) > limit) return too_large(path, limit);

    // The size is a hint only: the file may grow while it is read, and is still held to the limit.
    Bytes content;
    content.reserve(static_cast<std::size_t>(status.st_size));
    std::array<std::uint8_t, 16384> chunk;
    while (true) {
        const ssize_t count = ::read(fd.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return cannot("read", path, errno);
        if (count == 0) return content;
        if (content.size() + static_cast<std::size_t>(count) > limit) {
            return too_large(path, limit);
        }
        content.insert(content.end(), chunk.data(), chunk.data() + count);
    }
}

Result<void> write_file(const std::string& path, ByteView content, unsigned mode, Replace replace) {
    const std::string folder = folder_of(path);
    // Hidden: who reads every file of a folder must not find one that is half written.
    const std::string name = path.substr(path.rfind('/') + 1);
    TemporaryFile temporary(folder + "/." + name + ".XXXXXX");
    if (temporary.fd() < 0) return cannot("write", path, errno);
    // 0600 until here, so that nobody else opens it before it has the mode that was asked for.
    if (::fchmod(temporary.fd(), mode) != 0) return cannot("write", path, errno);
    if (!write_all(temporary.fd(), content)) return cannot("write", path, errno);
    if (::fsync(temporary.fd()) != 0) return cannot("write", path, errno);

    if (replace == Replace::yes) {
        if (::rename(temporary.name(), path.c_str()) != 0) return cannot("write", path, errno);
        temporary.renamed();
    } else if (::link(temporary.name(), path.c_str()) != 0) {
        return cannot("create", path, errno);
    }

    // The name is safe only once the folder is on the disk too.
    const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
    if (!directory || ::fsync(directory.get()) != 0) return cannot("write", path, errno);
    return {};
}

}  // namespace postern
