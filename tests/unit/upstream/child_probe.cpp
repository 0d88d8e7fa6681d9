// A child that tries what no shell can: child_probe ACTION [ARGUMENT…], or $FIRST and $SECOND.
// Prints "got …" or the error.

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

int say(bool succeeded, std::string_view what = "it") {
    if (succeeded) {
        std::printf("got %.*s\n", static_cast<int>(what.size()), what.data());
    } else {
        std::printf("refused: %s\n", std::strerror(errno));
    }
    std::fflush(stdout);
    return 0;
}

int read_from(int fd) {
    char text[256];
    const ssize_t count = fd < 0 ? -1 : ::read(fd, text, sizeof text);
    return say(count >= 0, std::string_view(text, count < 0 ? 0 : static_cast<std::size_t>(count)));
}

// A handle without access, opened again through /proc.
int open_by_handle(const char* path) {
    const int handle = ::open(path, O_PATH);
    if (handle < 0) return say(false);
    return read_from(::open(("/proc/self/fd/" + std::to_string(handle)).c_str(), O_RDONLY));
}

int link_by_handle(const char* path, const char* name) {
    const int handle = ::open(path, O_PATH);
    const std::string place = "/proc/self/fd/" + std::to_string(handle);
    return say(::linkat(AT_FDCWD, place.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0);
}

int connect_abstract(const char* name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t size = std::strlen(name);
    std::memcpy(address.sun_path + 1, name, size);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    return say(::connect(fd, generic,
                         static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + size)) == 0);
}

// Changes of process `pid` that leave it as it is, where nothing refuses them.
int set_limit(pid_t pid) {
    rlimit limit{};
    return say(::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) == 0 &&
               ::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) == 0);
}

int set_affinity(pid_t pid) {
    cpu_set_t processors;
    return say(::sched_getaffinity(pid, sizeof processors, &processors) == 0 &&
               ::sched_setaffinity(pid, sizeof processors, &processors) == 0);
}

int ask_affinity(pid_t pid) {
    cpu_set_t processors;
    return say(::sched_getaffinity(pid, sizeof processors, &processors) == 0);
}

int set_scheduler(pid_t pid) {
    const sched_param none{};
    return say(::sched_setscheduler(pid, SCHED_OTHER, &none) == 0);
}

int set_io_priority(pid_t pid) {
    constexpr int kProcess = 1;
    return say(::syscall(SYS_ioprio_set, kProcess, pid, 0) == 0);
}

[[noreturn]] void wait_for_ever() {
    std::printf("ready\n");
    std::fflush(stdout);
    while (true) ::pause();
}

}  // namespace

int main(int count, char** arguments) {
    const std::string_view action = count > 1 ? arguments[1] : "";
    const auto argument = [&](int index, const char* variable) {
        const char* value = count > index ? arguments[index] : std::getenv(variable);
        return value != nullptr ? value : "";
    };
    const char* first = argument(2, "FIRST");
    const char* second = argument(3, "SECOND");
    if (action == "handle") return open_by_handle(first);
    if (action == "link-handle") return link_by_handle(first, second);
    if (action == "read") return read_from(::open(first, O_RDONLY));
    if (action == "write") return say(::open(first, O_WRONLY) >= 0);
    if (action == "truncate") return say(::truncate(first, 0) == 0);
    if (action == "rename") return say(::rename(first, second) == 0);
    if (action == "link") return say(::link(first, second) == 0);
    if (action == "unlink") return say(::unlink(first) == 0);
    if (action == "signal") return say(::kill(std::atoi(first), 0) == 0);
    if (action == "abstract") return connect_abstract(first);
    if (action == "mount") return say(::mount(first, second, nullptr, MS_BIND, nullptr) == 0);
    if (action == "block-device") return say(::mknod(first, S_IFBLK | 0600, makedev(254, 0)) == 0);
    if (action == "session") return say(::getsid(0) == ::getpid() && ::getpgrp() == ::getpid());
    const pid_t pid = std::atoi(first);
    if (action == "create") return say(::open(first, O_WRONLY | O_CREAT, 0600) >= 0);
    if (action == "set-limit") return set_limit(pid);
    if (action == "ask-limit") return say(::prlimit(pid, RLIMIT_NOFILE, nullptr, nullptr) == 0);
    if (action == "set-affinity") return set_affinity(pid);
    if (action == "ask-affinity") return ask_affinity(pid);
    if (action == "set-scheduler") return set_scheduler(pid);
    if (action == "set-io-priority") return set_io_priority(pid);
    if (action == "set-priority") return say(::setpriority(PRIO_PROCESS, id_t(pid), 0) == 0);
    if (action == "set-user-priority") return say(::setpriority(PRIO_USER, 0, 0) == 0);
    if (action == "attach") return say(::ptrace(PTRACE_ATTACH, pid, nullptr, nullptr) == 0);
    if (action == "x32") return say(::syscall(0x40000000 | SYS_getpid) > 0);
    if (action == "stubborn") {
        std::signal(SIGTERM, SIG_IGN);
        wait_for_ever();
    }
    if (action == "silent") {
        ::close(STDOUT_FILENO);
        while (true) ::pause();
    }
    if (action == "deaf") {
        ::close(STDIN_FILENO);
        wait_for_ever();
    }
    return 2;
}
