#include "core/upstream/child/user.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace postern::upstream {
namespace {

constexpr std::size_t kMostMemory = std::size_t{1} << 20;
constexpr int kMostGroups = 65536;  // the kernel's own bound

// `look` is getpwnam_r or getpwuid_r with its first argument bound. 0 with nothing: no such user.
template <class Look>
int look_up(Look look, std::optional<ChildUser>& out) {
    std::vector<char> memory(4096);
    while (true) {
        passwd entry{};
        passwd* found = nullptr;
        const int error = look(&entry, memory.data(), memory.size(), &found);
        if (error == ERANGE && memory.size() < kMostMemory) {
            memory.resize(memory.size() * 2);
            continue;
        }
        if (error != 0 || found == nullptr) return error;
        out.emplace();
        out->name = entry.pw_name;
        out->home = entry.pw_dir;
        out->shell = entry.pw_shell;
        out->uid = entry.pw_uid;
        out->gid = entry.pw_gid;
        return 0;
    }
}

std::vector<gid_t> groups_of(const ChildUser& user) {
    int count = 32;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    while (::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0 &&
           count <= kMostGroups && static_cast<std::size_t>(count) > groups.size()) {
        groups.resize(static_cast<std::size_t>(count));
    }
    groups.resize(std::min(groups.size(), static_cast<std::size_t>(count)));
    return groups;
}

// Switching takes two; a child of another user can be ended only with the third.
bool may_switch() {
    __user_cap_header_struct header{};
    header.version = _LINUX_CAPABILITY_VERSION_3;
    std::array<__user_cap_data_struct, 2> data{};
    if (::syscall(SYS_capget, &header, data.data()) != 0) return false;
    constexpr std::uint32_t kNeeded =
        (1U << CAP_SETUID) | (1U << CAP_SETGID) | (1U << CAP_KILL);  // all in the first word
    return (data[0].effective & kNeeded) == kNeeded;
}

void take(const char* variable, std::string& out) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0' && std::string_view(value).substr(0, 2) != "()") {
        out = value;
    }
}

}  // namespace

Result<ChildUser> find_child_user(const std::string& name) {
    std::optional<ChildUser> user;
    const int error = look_up(
        [&](passwd* entry, char* memory, std::size_t size, passwd** found) {
            return ::getpwnam_r(name.c_str(), entry, memory, size, found);
        },
        user);
    if (!user) {
        return configuration_error("user: there is no user \"" + name + "\"" +
                                   (error != 0 ? std::string(": ") + std::strerror(error) : ""));
    }
    if (user->uid == ::geteuid() && user->gid == ::getegid()) return std::move(*user);
    if (!may_switch()) {
        return configuration_error(
            "user: the gate may not switch to \"" + name +
            "\"; run it as root, or with the capabilities SETUID, SETGID and KILL");
    }
    user->groups = groups_of(*user);
    user->switches = true;
    return std::move(*user);
}

ChildUser own_child_user() {
    std::optional<ChildUser> found;
    look_up([](passwd* entry, char* memory, std::size_t size,
               passwd** out) { return ::getpwuid_r(::geteuid(), entry, memory, size, out); },
            found);
    ChildUser user = found ? std::move(*found) : ChildUser{};
    user.uid = ::geteuid();
    user.gid = ::getegid();
    take("HOME", user.home);
    take("USER", user.name);
    take("SHELL", user.shell);
    return user;
}

}  // namespace postern::upstream
