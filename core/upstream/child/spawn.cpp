#include "core/upstream/child/spawn.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The C library's clone(), by the name that ThreadSanitizer does not take for a fork.
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...);

// The child borrows the gate's memory for a moment, on a stack that no sanitizer knows.
#define POSTERN_IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))

namespace postern::upstream {
namespace {

constexpr std::size_t kStackSize = std::size_t{64} * 1024;
constexpr int kFirstOwnDescriptor = 3;
constexpr int kSignals = 64;
constexpr std::size_t kKernelMask = 8;  // bytes of a sigset_t as the kernel has it

// What containers leave to root, but for making devices. The rest loads code into the kernel, reads
// other processes or whole disks, or undoes the restrictions of Landlock.
constexpr int kLastCapability = 63;
constexpr std::uint64_t bit(int capability) {
    return std::uint64_t{1} << capability;
}
constexpr std::uint64_t kRootKeeps =
    bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) | bit(CAP_FSETID) | bit(CAP_KILL) |
    bit(CAP_SETGID) | bit(CAP_SETUID) | bit(CAP_SETPCAP) | bit(CAP_NET_BIND_SERVICE) |
    bit(CAP_NET_RAW) | bit(CAP_SYS_CHROOT) | bit(CAP_AUDIT_WRITE) | bit(CAP_SETFCAP);

enum class Step : std::uint8_t {
    none,
    signals,
    session,
    pipes,
    limits,
    user,
    capabilities,
    directory,
    parent,
    privileges,
    landlock,
    system_calls,
    descriptors,
    program
};

// What gate and child share until the program runs. As with posix_spawn, errors come back in
// memory: the gate's thread waits for the child anyway (CLONE_VFORK).
struct Start {
    const char* program;
    const char* directory;
    char* const* arguments;
    char* const* environment;
    const ResourceLimit* limits;
    std::size_t limit_count;
    const ChildUser* user;  // null: as the gate
    const gid_t* groups;
    std::size_t group_count;
    uid_t uid;
    gid_t gid;
    int ruleset;
    const sock_fprog* system_calls;  // null: no filter
    bool drop_capabilities;
    std::array<int, 3> pipes;
    pid_t gate;
    Step failed;
    int error;
};

// From here to run_program(): raw system calls and nothing else. The C library's setresuid() would
// change every thread of the gate, its sigprocmask() leaves out two signals, and whatever allocates
// or locks may meet a lock that another thread holds.

POSTERN_IN_CHILD bool set_signals() {
    // The kernel's struct sigaction, all zero: SIG_DFL, no flags, empty mask.
    unsigned long action[8] = {};
    for (int signal = 1; signal <= kSignals; ++signal) {
        if (signal == SIGKILL || signal == SIGSTOP) continue;
        if (::syscall(SYS_rt_sigaction, signal, action, nullptr, kKernelMask) != 0) return false;
    }
    return true;
}

POSTERN_IN_CHILD bool set_pipes(const Start& start) {
    for (int target = 0; target < 3; ++target) {
        if (::syscall(SYS_dup3, start.pipes[static_cast<unsigned>(target)], target, 0) < 0) {
            return false;
        }
    }
    return true;
}

POSTERN_IN_CHILD bool set_limits(const Start& start) {
    for (std::size_t i = 0; i < start.limit_count; ++i) {
        const ResourceLimit& limit = start.limits[i];
        const std::uint64_t values[2] = {limit.value, limit.value};
        if (::syscall(SYS_prlimit64, 0, limit.resource, values, nullptr) != 0) return false;
    }
    return true;
}

// The new user may not look into the memory that it shares with the gate for a moment: with the
// change the kernel makes that memory "not dumpable", so that ptrace takes root.
POSTERN_IN_CHILD bool set_user(const Start& start) {
    if (start.user == nullptr) return true;
    return ::syscall(SYS_setgroups, start.group_count, start.groups) == 0 &&
           ::syscall(SYS_setresgid, start.gid, start.gid, start.gid) == 0 &&
           ::syscall(SYS_setresuid, start.uid, start.uid, start.uid) == 0;
}

// Ambient capabilities (systemd's AmbientCapabilities=) would pass to the program, and to another
// user with it.
POSTERN_IN_CHILD bool set_capabilities(const Start& start) {
    if (::syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return false;
    if (!start.drop_capabilities) return true;
    for (int capability = 0; capability <= kLastCapability; ++capability) {
        if ((kRootKeeps >> capability & 1) != 0) continue;
        if (::syscall(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL) {
            return false;
        }
    }
    return true;
}

// After the change of user, which clears it. The signal comes when the thread that called
// spawn_child() ends, which may have happened already.
POSTERN_IN_CHILD bool die_with_gate(const Start& start) {
    return ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
           ::syscall(SYS_getppid) == start.gate;
}

POSTERN_IN_CHILD Step prepare(const Start& start) {
    if (!set_signals()) return Step::signals;
    if (::syscall(SYS_setsid) < 0) return Step::session;
    if (!set_pipes(start)) return Step::pipes;
    if (!set_limits(start)) return Step::limits;
    if (!set_user(start)) return Step::user;
    if (!set_capabilities(start)) return Step::capabilities;
    if (::syscall(SYS_chdir, start.directory) != 0) return Step::directory;
    if (!die_with_gate(start)) return Step::parent;
    if (::syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Step::privileges;
    if (start.ruleset >= 0 && ::syscall(SYS_landlock_restrict_self, start.ruleset, 0) != 0) {
        return Step::landlock;
    }
    if (::syscall(SYS_close_range, kFirstOwnDescriptor, ~0U, 0) != 0) return Step::descriptors;
    // Without the flag, kernels before 5.16 would slow every branch of the program down.
    if (start.system_calls != nullptr &&
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                  start.system_calls) != 0) {
        return Step::system_calls;
    }
    const unsigned long none = 0;
    if (::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kKernelMask) != 0) {
        return Step::signals;
    }
    return Step::none;
}

POSTERN_IN_CHILD int run_program(void* argument) {
    Start& start = *static_cast<Start*>(argument);
    start.failed = prepare(start);
    if (start.failed == Step::none) {
        ::syscall(SYS_execve, start.program, start.arguments, start.environment);
        start.failed = Step::program;
    }
    start.error = errno;
    return 127;
}

// The child's stack: run_program() never returns to the gate's.
class Stack {
public:
    Stack()
        : memory_(::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
    ~Stack() {
        if (*this) ::munmap(memory_, kStackSize);
    }
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    explicit operator bool() const { return memory_ != MAP_FAILED; }
    [[nodiscard]] void* top() const { return static_cast<char*>(memory_) + kStackSize; }

private:
    void* memory_;
};

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

// Not 0, 1 or 2, which the child puts its pipes on.
bool lift(UniqueFd& fd) {
    if (fd.get() >= kFirstOwnDescriptor) return true;
    fd = UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstOwnDescriptor));
    return static_cast<bool>(fd);
}

bool make_pipe(Pipe& out) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    out.read = UniqueFd(ends[0]);
    out.write = UniqueFd(ends[1]);
    return lift(out.read) && lift(out.write);
}

bool do_not_block(const UniqueFd& fd) {
    return ::fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    // execve() wants them writable and does not write.
    for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

Error failure(const ChildPlan& plan, Step step, int error) {
    const auto because = [&](const std::string& what) {
        return configuration_error(what + ": " + std::strerror(error));
    };
    switch (step) {
        case Step::limits:
            return because("limits: cannot be set");
        case Step::user:
            return because("user: cannot switch to \"" + (plan.user ? plan.user->name : "") + "\"");
        case Step::directory:
            return because("working_directory: cannot enter " + plan.working_directory);
        case Step::landlock:
            return because("hide_gate_files: cannot restrict the child");
        case Step::system_calls:
            return because("hide_gate_files: cannot filter the child's system calls");
        case Step::program:
            if (error == ENOEXEC) {
                return configuration_error("command: " + plan.program +
                                           " is neither a program of this machine nor a script "
                                           "that starts with #!");
            }
            return because("command: cannot run " + plan.program);
        default:
            return internal_error(std::string("cannot prepare a child process: ") +
                                  std::strerror(error));
    }
}

Error no_start(int error) {
    return internal_error(std::string("cannot start a child process: ") + std::strerror(error));
}

// With the gate's memory and until the program runs; the calling thread waits, with every signal
// blocked, since a handler of the gate must not run in the child.
pid_t clone_child(Start& start, const Stack& stack, int& pidfd) {
    const unsigned long all = ~0UL;
    unsigned long before = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, kKernelMask);
    const pid_t pid = ::__clone(run_program, stack.top(),
                                CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &start, &pidfd);
    const int error = errno;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, kKernelMask);
    errno = error;
    return pid;
}

}  // namespace

bool StartDeadline::pass() {
    const std::lock_guard lock(mutex_);
    const int pidfd = __atomic_load_n(&pidfd_, __ATOMIC_ACQUIRE);
    if (is_over_) return true;
    if (pidfd < 0) return false;
    has_killed_ = ::syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0) == 0;
    return true;
}

bool StartDeadline::end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    return has_killed_;
}

Result<SpawnedChild> spawn_child(const ChildPlan& plan) {
    const Stack stack;
    Pipe input, output, errors;
    if (!stack || !make_pipe(input) || !make_pipe(output) || !make_pipe(errors)) {
        return no_start(errno);
    }
    const std::vector<char*> arguments = pointers(plan.arguments);
    const std::vector<char*> environment = pointers(plan.environment);
    Start start{};
    start.program = plan.program.c_str();
    start.directory = plan.working_directory.c_str();
    start.arguments = arguments.data();
    start.environment = environment.data();
    start.limits = plan.limits.data();
    start.limit_count = plan.limits.size();
    if (plan.user) {
        start.user = &*plan.user;
        start.groups = plan.user->groups.data();
        start.group_count = plan.user->groups.size();
        start.uid = plan.user->uid;
        start.gid = plan.user->gid;
    }
    start.ruleset = plan.ruleset;
    const sock_fprog filter{static_cast<unsigned short>(plan.system_calls.size()),
                            const_cast<sock_filter*>(plan.system_calls.data())};
    if (!plan.system_calls.empty()) start.system_calls = &filter;
    start.drop_capabilities = plan.drop_capabilities;
    start.pipes = {input.read.get(), output.write.get(), errors.write.get()};
    start.gate = ::getpid();

    StartDeadline none;
    StartDeadline& deadline = plan.deadline != nullptr ? *plan.deadline : none;
    const pid_t pid = clone_child(start, stack, *deadline.pidfd());
    const int clone_error = errno;
    const bool was_killed = deadline.end();
    if (pid < 0) return no_start(clone_error);
    SpawnedChild child{pid, UniqueFd(*deadline.pidfd()), std::move(input.write),
                       std::move(output.read), std::move(errors.read)};
    if (was_killed || start.failed != Step::none) {
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        if (was_killed) {
            return internal_error(
                "cannot start a child process: it did not get to its program in time");
        }
        return failure(plan, start.failed, start.error);
    }
    if (!do_not_block(child.input) || !do_not_block(child.output) || !do_not_block(child.errors)) {
        const int error = errno;
        ::kill(-pid, SIGKILL);
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        return no_start(error);
    }
    return child;
}

}  // namespace postern::upstream
