#include "core/plugin/services/store.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/plugin/environment_state.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/sdk_values.h"
#include "core/plugin/services/guard.h"

namespace postern::plugin {
namespace {

constexpr std::uint64_t kMaxRead = 256 * 1024 * 1024;  // what fetch may have stored
constexpr std::size_t kMaxKey = 200;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

std::string path_of(const HostHandle& handle, std::string_view key) {
    return handle.context.store_directory + "/" + std::string(key);
}

std::optional<std::uint64_t> size_of(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
}

postern_rc rc_of_errno(int number) {
    if (number == ENOENT) return POSTERN_E_NOT_FOUND;
    return number == ENOMEM ? POSTERN_E_NOMEM : POSTERN_E_IO;
}

// Every key to `visit`, until it answers other than OK. No folder: no keys.
template <class Visit>
postern_rc for_each_key(const std::string& directory, Visit visit) {
    const std::unique_ptr<DIR, CloseDirectory> open(::opendir(directory.c_str()));
    if (!open) return errno == ENOENT ? POSTERN_OK : rc_of_errno(errno);
    while (const dirent* found = ::readdir(open.get())) {
        const std::string_view name = found->d_name;
        if (!is_store_key(name)) continue;
        if (const postern_rc rc = visit(name); rc != POSTERN_OK) return rc;
    }
    return POSTERN_OK;
}

postern_rc check_quota(const std::string& directory, std::string_view key, std::uint64_t size) {
    std::size_t keys = 1;
    std::uint64_t total = size;
    const postern_rc rc = for_each_key(directory, [&](std::string_view name) {
        if (name == key) return POSTERN_OK;
        ++keys;
        total += size_of(directory + "/" + std::string(name)).value_or(0);
        return POSTERN_OK;
    });
    if (rc != POSTERN_OK) return rc;
    return keys > kMaxStoredKeys || total > kMaxStoredTotal ? POSTERN_E_DENIED : POSTERN_OK;
}

postern_rc open(const postern_host* host, postern_str path) {
    HostHandle& handle = HostHandle::of(host);
    const std::string_view written = view_of(path);
    if (handle.store_opened || written.find('\0') != std::string_view::npos) {
        return POSTERN_E_INVALID;
    }
    if (!written.empty()) {
        handle.context.store_directory =
            written.front() == '/'
                ? std::string(written)
                : handle.environment.state_directory + "/" + std::string(written);
    }
    handle.store_opened = true;
    return POSTERN_OK;
}

postern_str directory(const postern_host* host) {
    return str_of(HostHandle::of(host).context.store_directory);
}

postern_rc get(const postern_host* host, postern_str key, postern_view view, void* user) {
    if (view == nullptr || !is_store_key(view_of(key))) return POSTERN_E_INVALID;
    const std::string path = path_of(HostHandle::of(host), view_of(key));
    if (!size_of(path)) return POSTERN_E_NOT_FOUND;
    const auto value = read_file(path, kMaxRead);
    if (!value) return POSTERN_E_IO;
    return view(user, bytes_of(*value));
}

postern_rc write(const postern_host* host, postern_str key, postern_bytes value, Replace replace) {
    const std::string_view name = view_of(key);
    if (!is_store_key(name)) return POSTERN_E_INVALID;
    if (value.size > kMaxStoredValue) return POSTERN_E_DENIED;
    HostHandle& handle = HostHandle::of(host);
    const std::lock_guard lock(handle.store_mutex);
    const std::string& folder = handle.context.store_directory;
    if (const postern_rc rc = make_store_directory(folder); rc != POSTERN_OK) return rc;
    if (const postern_rc rc = check_quota(folder, name, value.size); rc != POSTERN_OK) return rc;
    const std::string path = path_of(handle, name);
    if (write_file(path, view_of(value), 0600, replace)) return POSTERN_OK;
    struct stat status {};
    const bool taken = replace == Replace::no && ::lstat(path.c_str(), &status) == 0;
    return taken ? POSTERN_E_BUSY : POSTERN_E_IO;
}

postern_rc put(const postern_host* host, postern_str key, postern_bytes value) {
    return write(host, key, value, Replace::yes);
}

postern_rc create(const postern_host* host, postern_str key, postern_bytes value) {
    return write(host, key, value, Replace::no);
}

postern_rc erase(const postern_host* host, postern_str key) {
    if (!is_store_key(view_of(key))) return POSTERN_E_INVALID;
    HostHandle& handle = HostHandle::of(host);
    const std::lock_guard lock(handle.store_mutex);
    if (::unlink(path_of(handle, view_of(key)).c_str()) != 0) return rc_of_errno(errno);
    return POSTERN_OK;
}

postern_rc each(const postern_host* host, postern_visit visit, void* user) {
    if (visit == nullptr) return POSTERN_E_INVALID;
    return for_each_key(HostHandle::of(host).context.store_directory,
                        [&](std::string_view name) { return visit(user, str_of(name)); });
}

}  // namespace

bool is_store_key(std::string_view key) {
    if (key.empty() || key.size() > kMaxKey || key.front() == '.') return false;
    return std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

postern_rc make_store_directory(const std::string& path) {
    if (path.empty() || path.front() != '/') return POSTERN_E_INVALID;
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        if (::mkdir(path.substr(0, slash).c_str(), 0700) != 0 && errno != EEXIST) {
            return POSTERN_E_IO;
        }
    }
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return POSTERN_E_IO;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return POSTERN_E_IO;
    const bool others_write = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    return status.st_uid != ::geteuid() || others_write ? POSTERN_E_DENIED : POSTERN_OK;
}

const postern_store* store_service() {
    static const postern_store table{sizeof(postern_store), 0,
                                     guarded<open>,         guarded<directory>,
                                     guarded<get>,          guarded<put>,
                                     guarded<erase>,        guarded<each>,
                                     guarded<create>};
    return &table;
}

}  // namespace postern::plugin
