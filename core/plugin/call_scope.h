#pragma once

#include <cstdint>

namespace postern::plugin {

// While one lives, this thread is inside the plugin of that name: what the crash reporter names.
// `name` must outlive the scope.
class CallScope {
public:
    explicit CallScope(const char* name);
    ~CallScope();
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;

    // Since construction, to the kernel's tick: 4 ms or finer, and a tenth of a real clock's price.
    [[nodiscard]] std::uint64_t elapsed_ns() const;

private:
    const char* outer_;
    std::uint64_t began_ns_;
};

// On SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT: one line on standard error that names the plugin
// this thread was in, then the signal's default. Nothing in it allocates or locks. Main thread,
// once.
void install_crash_reporter();

}  // namespace postern::plugin
