#include "core/plugin/call_scope.h"

#include <csignal>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <iterator>

#include <unistd.h>

namespace postern::plugin {
namespace {

thread_local const char* inside_plugin = nullptr;

std::uint64_t coarse_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
}

// A line of fixed size, so that a handler can put it together.
class Line {
public:
    void add(const char* text) {
        for (; *text != '\0' && used_ < sizeof buffer_ - 1; ++text) buffer_[used_++] = *text;
    }
    void write() {
        buffer_[used_++] = '\n';
        static_cast<void>(!::write(STDERR_FILENO, buffer_, used_));
    }

private:
    char buffer_[256];
    std::size_t used_ = 0;
};

const char* signal_name(int number) {
    switch (number) {
        case SIGSEGV:
            return "SIGSEGV";
        case SIGBUS:
            return "SIGBUS";
        case SIGFPE:
            return "SIGFPE";
        case SIGILL:
            return "SIGILL";
        default:
            return "SIGABRT";
    }
}

void report(int number) {
    const char* plugin = inside_plugin;
    Line line;
    line.add("postern: crashed ");
    line.add(plugin != nullptr ? "inside plugin " : "outside any plugin");
    if (plugin != nullptr) line.add(plugin);
    line.add(": ");
    line.add(signal_name(number));
    line.write();
    // SA_RESETHAND has put the default back; a core dump then shows this stack.
    ::raise(number);
}

}  // namespace

CallScope::CallScope(const char* name) : outer_(inside_plugin), began_ns_(coarse_ns()) {
    inside_plugin = name;
}

CallScope::~CallScope() {
    inside_plugin = outer_;
}

std::uint64_t CallScope::elapsed_ns() const {
    return coarse_ns() - began_ns_;
}

void install_crash_reporter() {
    // For the thread that has it; a loop's stack overflow is then silent, as it would be anyway.
    alignas(16) static char stack[16 * 1024];
    stack_t alternate{};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    ::sigaltstack(&alternate, nullptr);

    struct sigaction action {};
    action.sa_handler = report;
    action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND) | SA_NODEFER;
    ::sigemptyset(&action.sa_mask);
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        ::sigaction(number, &action, nullptr);
    }
}

}  // namespace postern::plugin
