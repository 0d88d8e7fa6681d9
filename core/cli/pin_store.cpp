#include "core/cli/pin_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/cli/certificate_description.h"
#include "core/cli/certificate_file.h"
#include "core/cli/output_file.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

constexpr std::uint64_t kMaxFile = 1024 * 1024;  // as the plugin has it
constexpr std::size_t kMaxFiles = 10'000;
constexpr std::time_t kStale = 3600;  // no writer takes that long between open() and rename()

Error fault(const std::string& path, const std::string& what) {
    return internal_error(printable(path) + ": " + what + ": " + std::strerror(errno));
}

bool holds_certificates(std::string_view content) {
    return (content.size() > 1 && content[0] == '\x30' &&
            (static_cast<unsigned char>(content[1]) & 0x80u) != 0) ||
           content.find("-----BEGIN ") != std::string_view::npos;
}

Result<std::vector<PinLine>> pins_of_certificates(const std::string& path) {
    const auto certificates = read_certificates(path);
    if (!certificates) return certificates.error();
    std::vector<PinLine> pins;
    for (const auto& each : *certificates) {
        const auto text = public_key_pin(each.get());
        if (!text) return text.error();
        auto pin = parse_pin(*text);
        if (!pin) return pin.error();
        pins.push_back(std::move(*pin));
    }
    return pins;
}

Result<std::vector<PinLine>> pins_of_lines(std::string_view content) {
    std::vector<PinLine> pins;
    for (std::size_t number = 1; !content.empty(); ++number) {
        const auto end = content.find('\n');
        auto pin = parse_pin_line(content.substr(0, end));
        if (!pin)
            return configuration_error("line " + std::to_string(number) + ": " +
                                       pin.error().message);
        if (*pin) pins.push_back(std::move(**pin));
        content = end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
    }
    return pins;
}

StoredFile read_stored(const std::string& directory, const std::string& name) {
    StoredFile file;
    file.name = name;
    file.pending = name.ends_with(kPendingEnding);
    const std::string path = directory + "/" + name;
    const auto content = read_file(path, kMaxFile);
    if (!content) {
        file.problem = content.error().message;
        return file;
    }
    file.certificates = holds_certificates(as_text(*content));
    auto pins = file.certificates ? pins_of_certificates(path) : pins_of_lines(as_text(*content));
    if (pins)
        file.pins = std::move(*pins);
    else
        file.problem = pins.error().message;
    return file;
}

}  // namespace

Result<std::vector<StoredFile>> PinStore::read() const {
    std::vector<StoredFile> files;
    std::error_code error;
    std::filesystem::directory_iterator entries(directory_, error);
    if (error == std::errc::no_such_file_or_directory) return files;
    std::vector<std::string> names;
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        std::error_code unknown;
        const std::string name = entries->path().filename().string();
        if (name.starts_with('.') || entries->is_directory(unknown)) continue;
        names.push_back(name);
        if (names.size() > kMaxFiles)
            return configuration_error(printable(directory_) + ": holds more than 10,000 files");
    }
    if (error)
        return configuration_error(printable(directory_) + ": cannot be read: " + error.message());
    std::sort(names.begin(), names.end());
    for (const auto& name : names) {
        StoredFile file = read_stored(directory_, name);
        struct stat status {};
        const bool gone = !file.problem.empty() && ::lstat(path_of(name).c_str(), &status) != 0 &&
                          errno == ENOENT;
        if (!gone) files.push_back(std::move(file));  // else somebody removed it meanwhile
    }
    return files;
}

Result<UniqueFd> PinStore::lock() const {
    std::error_code unknown;
    if (!std::filesystem::exists(directory_, unknown)) {
        if (auto made = make_directory(directory_); !made) return made.error();
        struct stat above {};
        const std::string parent = directory_ + "/..";
        // The gate, which may not be root, must be able to read and write what root made for it.
        if (::geteuid() == 0 && ::stat(parent.c_str(), &above) == 0 &&
            ::chown(directory_.c_str(), above.st_uid, above.st_gid) != 0)
            return fault(directory_, "cannot be given to the owner of the folder above");
    }
    UniqueFd fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return configuration_error(printable(directory_) +
                                   ": cannot be opened: " + std::strerror(errno));
    if (::flock(fd.get(), LOCK_EX) != 0) return fault(directory_, "cannot be locked");
    sweep();
    return fd;
}

Result<void> PinStore::write(const std::string& name, const PinLine& pin, Replace replace) const {
    std::string line = pin.text();
    if (!pin.comment.empty()) line += " # " + pin.comment;
    const auto how = replace == Replace::yes ? postern::Replace::yes : postern::Replace::no;
    // Readable by whoever may enter the folder: a pin is public, and the gate may be another user.
    const auto written = write_file(path_of(name), as_bytes(line + "\n"), 0644, how);
    if (written) return {};
    return internal_error(printable(written.error().message) + "; nothing was changed");
}

Result<void> PinStore::remove(const std::string& name) const {
    if (::unlink(path_of(name).c_str()) != 0) return fault(path_of(name), "cannot be removed");
    return sync();
}

Result<std::string> PinStore::approve(const std::string& name) const {
    const std::string approved =
        name.substr(0, name.size() - std::strlen(kPendingEnding)) + kPinEnding;
    if (::rename(path_of(name).c_str(), path_of(approved).c_str()) != 0)
        return fault(path_of(name), "cannot be renamed");
    if (auto synced = sync(); !synced) return synced.error();
    return approved;
}

Result<void> PinStore::sync() const {
    const UniqueFd fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) return fault(directory_, "cannot be written to the disk");
    return {};
}

// Removes what writers that were killed left behind: ".NAME.XXXXXX" (write_file).
void PinStore::sweep() const {
    std::error_code error;
    std::filesystem::directory_iterator entries(directory_, error);
    std::vector<std::string> stale;
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        struct stat status {};
        const bool ours = name.starts_with('.') && name.size() > 8 && name[name.size() - 7] == '.';
        if (ours && ::lstat(path_of(name).c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
            status.st_mtime + kStale < std::time(nullptr))
            stale.push_back(name);
    }
    for (const auto& name : stale) ::unlink(path_of(name).c_str());
}

}  // namespace postern::cli
