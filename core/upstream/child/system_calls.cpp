#include "core/upstream/child/system_calls.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/resource.h>
#include <sys/syscall.h>

namespace postern::upstream {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

constexpr std::uint32_t kX32 = 0x40000000;
constexpr int kIoPriorityOfUser = 3;  // IOPRIO_WHO_USER

constexpr sock_filter kAllow{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
constexpr sock_filter kRefuse{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM};

constexpr sock_filter load(std::size_t offset) {
    return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)};
}
// Both architectures are little endian. What the kernel takes for an int is in the low half.
constexpr sock_filter load_low(std::size_t argument) {
    return load(offsetof(seccomp_data, args) + argument * 8);
}
constexpr sock_filter load_high(std::size_t argument) {
    return load(offsetof(seccomp_data, args) + argument * 8 + 4);
}
constexpr sock_filter skip(std::uint16_t when, std::uint32_t value, std::uint8_t if_so,
                           std::uint8_t if_not) {
    return {static_cast<std::uint16_t>(BPF_JMP | when | BPF_K), if_so, if_not, value};
}

// Rules one after another, each of which begins with the call's number loaded, and leaves it so for
// the next when it is about another call.
class Filter {
public:
    Filter() {
        add({load(offsetof(seccomp_data, arch)), skip(BPF_JEQ, kArchitecture, 1, 0), kRefuse,
             load(offsetof(seccomp_data, nr))});
        if (kArchitecture == AUDIT_ARCH_X86_64) add({skip(BPF_JSET, kX32, 0, 1), kRefuse});
    }

    void refuse(long call) { add({skip(BPF_JEQ, number(call), 0, 1), kRefuse}); }

    // Unless the first argument is 0, the caller itself.
    void refuse_of_others(long call) {
        add({skip(BPF_JEQ, number(call), 0, 4), load_low(0), skip(BPF_JEQ, 0, 0, 1), kAllow,
             kRefuse});
    }

    // setpriority and ioprio_set: (which, who), where `user` is the `which` that means all
    // processes of a user.
    void refuse_of_others_or_user(long call, std::uint32_t user) {
        add({skip(BPF_JEQ, number(call), 0, 6), load_low(0), skip(BPF_JEQ, user, 3, 0), load_low(1),
             skip(BPF_JEQ, 0, 0, 1), kAllow, kRefuse});
    }

    // prlimit(pid, resource, new, old): asking is free.
    void refuse_setting_limits_of_others(long call) {
        add({skip(BPF_JEQ, number(call), 0, 8), load_low(0), skip(BPF_JEQ, 0, 4, 0), load_low(2),
             skip(BPF_JEQ, 0, 0, 3), load_high(2), skip(BPF_JEQ, 0, 0, 1), kAllow, kRefuse});
    }

    [[nodiscard]] std::vector<sock_filter> take() && {
        add({kAllow});
        return std::move(program_);
    }

private:
    static std::uint32_t number(long call) { return static_cast<std::uint32_t>(call); }
    void add(std::initializer_list<sock_filter> steps) { program_.insert(program_.end(), steps); }

    std::vector<sock_filter> program_;
};

std::vector<sock_filter> make_filter() {
    if (kArchitecture == 0) return {};
    Filter filter;
    filter.refuse_setting_limits_of_others(SYS_prlimit64);
    for (const long call : {SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr,
                            SYS_sched_setaffinity, SYS_move_pages, SYS_migrate_pages}) {
        filter.refuse_of_others(call);
    }
    filter.refuse_of_others_or_user(SYS_setpriority, PRIO_USER);
    filter.refuse_of_others_or_user(SYS_ioprio_set, kIoPriorityOfUser);
    for (const long call :
         {SYS_ptrace, SYS_process_vm_writev, SYS_process_madvise, SYS_kcmp, SYS_pidfd_getfd}) {
        filter.refuse(call);
    }
    return std::move(filter).take();
}

}  // namespace

const std::vector<sock_filter>& child_system_call_filter() {
    static const std::vector<sock_filter> filter = make_filter();
    return filter;
}

}  // namespace postern::upstream
