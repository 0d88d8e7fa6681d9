#include "core/plugin/conformance.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>

#include <dlfcn.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/unique_fd.h"
#include "core/plugin/elf_image.h"
#include "core/plugin/module_adoption.h"
#include "core/plugin/trusted_file.h"

namespace postern::plugin {
namespace {

constexpr int kChildSeconds = 10;

// What the child writes: a line "+check\tdetail" or "-check\tdetail" for each finding.
void say(int pipe, bool passed, std::string_view check, std::string detail) {
    std::replace(detail.begin(), detail.end(), '\n', ' ');
    const std::string line = (passed ? "+" : "-") + std::string(check) + "\t" + detail + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
        const ssize_t put = ::write(pipe, line.data() + sent, line.size() - sent);
        if (put <= 0) ::_exit(1);
        sent += static_cast<std::size_t>(put);
    }
}

std::set<std::string> names_in(const char* folder) {
    std::set<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

// Counted from here, since the iterator's own descriptor is among them in both.
struct Traces {
    std::size_t threads = names_in("/proc/self/task").size();
    std::size_t descriptors = names_in("/proc/self/fd").size();
};

std::string descriptor_text(const postern_descriptor& descriptor) {
    constexpr const char* kModels[] = {"serial", "per loop", "parallel"};
    std::string text = std::string(descriptor.id) + " " + descriptor.version + ", " +
                       kModels[descriptor.thread_model] + ",";
    for (const std::string& id : id_list(descriptor.interfaces)) text += " " + id;
    return text;
}

[[noreturn]] void run_child(int pipe, const TrustedFile& file) {
    // A crash must end this child, whatever handler the parent has.
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        ::signal(number, SIG_DFL);
    }
    const std::string name = "/proc/self/fd/" + std::to_string(file.descriptor.get());
    void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
        const char* why = ::dlerror();
        say(pipe, false, "loading", why != nullptr ? why : "no reason given");
        ::_exit(0);
    }
    say(pipe, true, "loading", "no symbol is missing");
    const auto entry = reinterpret_cast<ModuleEntry>(::dlsym(handle, kEntrySymbol));
    if (entry == nullptr) ::_exit(0);  // found among the exported symbols already

    const Traces before;
    const auto module = adopt_module(entry);
    const auto again = adopt_module(entry);
    const Traces after;
    if (!module || !again) {
        say(pipe, false, "description", (module ? again : module).error().message);
        ::_exit(0);
    }
    say(pipe, true, "ABI",
        abi_text(module->module.abi_version) + ", needs a host of " +
            abi_text(module->module.min_host_abi));
    for (const postern_descriptor& descriptor : module->descriptors) {
        say(pipe, true, "description", descriptor_text(descriptor));
    }
    const bool threads = after.threads == before.threads;
    const bool descriptors = after.descriptors == before.descriptors;
    say(pipe, threads && descriptors, "purity",
        !threads       ? "the entry or describe() starts a thread"
        : !descriptors ? "the entry or describe() leaves a file open"
                       : "no thread, no open file");
    ::_exit(0);
}

// Everything until the child closes its end; false: it did not within its time.
bool read_to_end(int pipe, std::string& text) {
    char buffer[4096];
    while (text.size() < 256 * 1024) {
        pollfd ready{pipe, POLLIN, 0};
        if (::poll(&ready, 1, kChildSeconds * 1000) <= 0) return false;
        const ssize_t got = ::read(pipe, buffer, sizeof buffer);
        if (got <= 0) return got == 0;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return false;
}

void add_findings(const std::string& text, std::vector<Finding>& findings) {
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string line = text.substr(start, end - start);
        const std::size_t tab = line.find('\t');
        if (tab != std::string::npos && tab > 0) {
            findings.push_back({line[0] == '+', line.substr(1, tab - 1), line.substr(tab + 1)});
        }
        start = end + 1;
    }
}

Result<void> ask_child(const TrustedFile& file, std::vector<Finding>& findings) {
    int ends[2];
    if (::pipe(ends) != 0) return internal_error(std::string("pipe: ") + std::strerror(errno));
    UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return internal_error(std::string("fork: ") + std::strerror(errno));
    if (child == 0) run_child(writing.get(), file);
    writing.reset();

    std::string text;
    const bool ended = read_to_end(reading.get(), text);
    if (!ended) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    add_findings(text, findings);
    if (!ended) {
        findings.push_back(
            {false, "entry", "does not return within " + std::to_string(kChildSeconds) + " s"});
    } else if (WIFSIGNALED(status)) {
        findings.push_back(
            {false, "entry", std::string("crashes: ") + ::strsignal(WTERMSIG(status))});
    } else if (WEXITSTATUS(status) != 0) {
        findings.push_back({false, "entry", "ends the process"});
    }
    return {};
}

Finding exported_symbols(const std::vector<std::string>& exported) {
    std::string others;
    bool entry = false;
    for (const std::string& name : exported) {
        if (name == kEntrySymbol) entry = true;
        if (name.starts_with("postern_module_v")) continue;
        others += others.empty() ? name : ", " + name;
    }
    if (!entry) return {false, "exported symbols", std::string(kEntrySymbol) + " is missing"};
    if (!others.empty()) {
        return {false, "exported symbols",
                "only postern_module_v1 may be exported; there are also " + others.substr(0, 512)};
    }
    return {true, "exported symbols", kEntrySymbol};
}

}  // namespace

Result<std::vector<Finding>> check_conformance(const std::string& file) {
    auto trusted = open_trusted_file(file);
    if (!trusted) return trusted.error();
    std::vector<Finding> findings;
    const auto image = read_elf_image(trusted->content);
    if (!image) {
        findings.push_back({false, "ELF file", image.error().message});
        return findings;
    }
    findings.push_back({true, "ELF file", "position-independent, no executable stack"});
    findings.push_back(exported_symbols(image->exported));
    if (auto asked = ask_child(*trusted, findings); !asked) return asked.error();
    return findings;
}

}  // namespace postern::plugin
