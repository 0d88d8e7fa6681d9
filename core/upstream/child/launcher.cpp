#include "core/upstream/child/launcher.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/upstream/child/environment.h"
#include "core/upstream/child/hidden_tree.h"
#include "core/upstream/child/landlock.h"
#include "core/upstream/child/pipes.h"
#include "core/upstream/child/system_calls.h"

namespace postern::upstream {
namespace {

// Everything about a command that stays from child to child; shared by what runs on the pool.
struct Command {
    config::Stdio settings;
    std::string route;
    std::string program;
    std::string directory;
    ChildUser user;
    std::vector<ResourceLimit> limits;
    std::vector<std::string> hidden;
    std::vector<std::string> read_only;
    int landlock = 0;  // the version; 0: hide nothing
};

bool is_program(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

Result<std::string> find_program(const std::string& name, const std::string& directory,
                                 std::string_view search) {
    if (name.find('/') != std::string::npos) {
        const std::string path = name.front() == '/' ? name : directory + "/" + name;
        if (is_program(path)) return path;
        return configuration_error("command: " + path + " is not a program that can be run");
    }
    while (!search.empty()) {
        const std::string folder(search.substr(0, search.find(':')));
        search.remove_prefix(std::min(folder.size() + 1, search.size()));
        if (folder.empty() || folder.front() != '/') continue;  // never the working directory
        std::string path = folder + "/" + name;
        if (is_program(path)) return path;
    }
    return configuration_error("command: there is no program \"" + name +
                               "\" in PATH; give its whole path");
}

// Raising above the gate's own takes a capability; better said now than at the first start.
Result<void> take_limits(const config::ChildLimits& limits, std::vector<ResourceLimit>& out) {
    out.push_back({RLIMIT_CORE, 0});  // a core would hold secrets
    const std::pair<const char*, ResourceLimit> wanted[] = {
        {"address_space", {RLIMIT_AS, limits.address_space}},
        {"open_files", {RLIMIT_NOFILE, limits.open_files}},
        {"processes", {RLIMIT_NPROC, limits.processes}},
        {"file_size", {RLIMIT_FSIZE, limits.file_size}}};
    for (const auto& [key, limit] : wanted) {
        if (limit.value == 0) continue;
        rlimit own{};
        ::prlimit(0, static_cast<__rlimit_resource>(limit.resource), nullptr, &own);
        if (limit.value > own.rlim_max && ::geteuid() != 0) {
            return configuration_error("limits." + std::string(key) +
                                       ": is more than the gate's own, which is " +
                                       std::to_string(own.rlim_max));
        }
        out.push_back(limit);
    }
    return {};
}

std::vector<std::string> places_needed(const Command& command) {
    std::vector<std::string> needed{resolved_path(command.program),
                                    resolved_path(command.directory)};
    for (const std::string& argument : command.settings.command) {
        if (argument.starts_with('/')) needed.push_back(resolved_path(argument));
    }
    return needed;
}

// Whether `folder` can be the gate's alone.
bool is_common(const std::string& folder, const std::vector<std::string>& needed) {
    if (std::count(folder.begin(), folder.end(), '/') <= 1) return true;
    return std::any_of(needed.begin(), needed.end(),
                       [&](const std::string& place) { return is_within(place, folder); });
}

// The kernel's settings, which root's children could turn against the gate, and what every
// process's user may write of it (oom_score_adj); and the gate's own program. Its folder whole
// keeps a program from being put in its place, unless the child works or lives there.
void keep_system(const std::vector<std::string>& lived_in, std::vector<std::string>& read_only) {
    read_only.insert(read_only.end(), {"/proc", "/sys"});
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return;
    const std::string folder = program.parent_path().string();
    const bool is_lived_in =
        std::any_of(lived_in.begin(), lived_in.end(),
                    [&](const std::string& place) { return is_within(place, folder); });
    read_only.push_back(is_lived_in ? program.string() : folder);
}

Result<void> take_hidden(GateFiles files, Command& command) {
    command.landlock = landlock_version();
    if (command.landlock == 0) {
        return configuration_error(
            "hide_gate_files: this kernel has no Landlock, which it takes (Linux 5.13, and "
            "\"landlock\" in the boot parameter lsm=); false leaves the gate's files to file "
            "permissions alone: run the child as another user then");
    }
    std::vector<std::string> needed = places_needed(command);
    for (const std::string& hidden : files.hidden) {
        for (const std::string& place : needed) {
            if (!is_within(place, resolved_path(hidden))) continue;
            return configuration_error("hide_gate_files: " + place +
                                       ", which the child needs, is " + "hidden from it with " +
                                       hidden + "; keep the gate's files in a folder of their own");
        }
    }
    command.hidden = std::move(files.hidden);
    if (!command.user.home.empty()) needed.push_back(resolved_path(command.user.home));
    for (std::string& folder : files.hidden_folders) {
        if (!is_common(resolved_path(folder), needed)) command.hidden.push_back(std::move(folder));
    }
    command.read_only = std::move(files.read_only);
    keep_system({resolved_path(command.directory), resolved_path(command.user.home)},
                command.read_only);
    return {};
}

// A file is hidden by its path: by another name of it a child could open it all the same.
Result<void> check_names(const std::vector<std::string>& hidden) {
    for (const std::string& path : hidden) {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        if (status.st_nlink <= 1) continue;
        return configuration_error("hide_gate_files: " + path + " has " +
                                   std::to_string(status.st_nlink) +
                                   " names (hard links), and only this one can be hidden; put a "
                                   "copy with one name in its place (cp FILE NEW && mv NEW FILE)");
    }
    return {};
}

bool runs_as_root(const Command& command) {
    return command.user.uid == 0;
}

// Root may open a disk as a whole, or the machine's memory: the gate's files are in there.
void hide_raw_devices(HiddenTree& tree) {
    for (const char* name : {"/dev/mem", "/dev/kmem", "/dev/port"}) {
        tree.add(name, Access::none);
    }
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/dev", error)) {
        std::error_code gone;
        if (entry.symlink_status(gone).type() == std::filesystem::file_type::block) {
            tree.add(entry.path().string(), Access::none);
        }
    }
}

Result<UniqueFd> make_ruleset(const Command& command) {
    if (command.landlock == 0) return UniqueFd();
    if (auto checked = check_names(command.hidden); !checked) return std::move(checked).error();
    HiddenTree tree;  // anew for each child: links and folders may have changed
    for (const std::string& path : command.hidden) tree.add(path, Access::none);
    for (const std::string& path : command.read_only) tree.add(path, Access::read);
    if (runs_as_root(command)) hide_raw_devices(tree);
    return make_landlock_ruleset(tree, command.landlock);
}

Result<StartedChild> launch(const Command& command, const ChildIdentity& identity,
                            OnChildEnd on_end) {
    auto environment = child_environment(command.settings, command.user, identity);
    if (!environment) return std::move(environment).error();
    auto ruleset = make_ruleset(command);
    if (!ruleset) return std::move(ruleset).error();
    ChildPlan plan;
    plan.program = command.program;
    plan.arguments = command.settings.command;
    plan.environment = std::move(*environment);
    plan.working_directory = command.directory;
    if (command.user.switches) plan.user = command.user;
    plan.limits = command.limits;
    plan.ruleset = ruleset->get();
    if (command.landlock != 0) plan.system_calls = child_system_call_filter();
    plan.drop_capabilities = runs_as_root(command) && command.landlock != 0;
    const auto deadline = ChildReaper::limit_start();
    plan.deadline = deadline.get();
    auto spawned = spawn_child(plan);
    if (!spawned) return std::move(spawned).error();
    auto kept = ChildReaper::keep(*spawned, command.route, std::move(on_end));
    if (!kept) return std::move(kept).error();
    StartedChild started;
    started.input = std::move(spawned->input);
    started.output = std::move(spawned->output);
    started.process = std::move(*kept);
    return started;
}

Result<void> prepare(GateFiles files, Command& command) {
    const config::Stdio& settings = command.settings;
    if (settings.user.empty()) {
        command.user = own_child_user();
    } else {
        auto user = find_child_user(settings.user);
        if (!user) return std::move(user).error();
        command.user = std::move(*user);
    }
    command.directory = settings.working_directory.empty() ? "/" : settings.working_directory;
    struct stat status {};
    if (::stat(command.directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return configuration_error("working_directory: " + command.directory + " is not a folder");
    }
    const auto environment = child_environment(settings, command.user, {});
    if (!environment) return environment.error();
    auto program = find_program(settings.command.front(), command.directory,
                                variable_of(*environment, "PATH"));
    if (!program) return std::move(program).error();
    command.program = std::move(*program);
    if (auto taken = take_limits(settings.limits, command.limits); !taken) return taken;
    if (runs_as_root(command) && settings.user.empty() && !settings.allow_root) {
        return configuration_error(
            "user: is missing, and the gate runs as root: the server would too; name a user for "
            "it, or set allow_root = true");
    }
    if (!settings.hide_gate_files) return {};
    if (child_system_call_filter().empty()) {
        log::write(LogLevel::warning, "upstream",
                   "no filter of system calls for this architecture: a child of the gate's own "
                   "user can change the gate's limits and priority; set its user",
                   {{"route", command.route}});
    }
    if (auto taken = take_hidden(std::move(files), command); !taken) return taken;
    const auto ruleset = make_ruleset(command);
    return ruleset ? Result<void>() : ruleset.error();
}

}  // namespace

Result<StartChild> make_child_starter(const config::Stdio& settings, GateFiles gate_files,
                                      WorkerPool& pool, std::string route) {
    auto command = std::make_shared<Command>();
    command->settings = settings;
    command->route = std::move(route);
    if (settings.command.empty()) return configuration_error("command: is missing");
    if (!settings.environment_file.empty()) gate_files.hidden.push_back(settings.environment_file);
    if (auto prepared = prepare(std::move(gate_files), *command); !prepared) {
        return std::move(prepared).error();
    }
    return StartChild([command = std::shared_ptr<const Command>(std::move(command)), &pool](
                          net::Loop& loop, const ChildIdentity& identity, ChildEvents& events) {
        return start_piped_child(
            loop, pool,
            [command](const ChildIdentity& whose, OnChildEnd on_end) {
                return launch(*command, whose, std::move(on_end));
            },
            identity, events, command->settings.max_line);
    });
}

}  // namespace postern::upstream
