#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "core/config/readers.h"

namespace postern::config {
namespace {

// What execve() and the environment can carry: no NUL, and bounded.
bool is_argument(std::string_view text) {
    return text.size() <= 128 * 1024 && text.find('\0') == std::string_view::npos;
}

bool is_variable(std::string_view name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

void read_command(TableReader& table, Stdio& out) {
    table.strings("command", out.command);
    if (table.missing("command") || (!out.command.empty() && out.command.front().empty())) {
        table.fail("command",
                   "is missing; name the program and its arguments: [\"/usr/bin/my-server\"]");
    }
    for (const std::string& argument : out.command) {
        if (is_argument(argument)) continue;
        table.fail("command", "has an argument that no program can be given");
    }
}

void read_environment(TableReader& table, Stdio& out) {
    if (const Node* environment = table.table("environment")) {
        TableReader reader(table.reading(), *environment);
        for (std::size_t i = 0; i < environment->length(); ++i) {
            EnvironmentVariable& variable = out.environment.emplace_back();
            const std::string name(environment->entry(i)->key);
            variable.name = name;
            reader.string(name, variable.value);
            if (!is_variable(name)) {
                reader.fail(name, "is not the name of an environment variable");
            } else if (!is_argument(variable.value)) {
                reader.fail(name, "is not a value that a program can be given");
            }
        }
    }
    table.path("environment_file", out.environment_file);
    table.strings("pass_environment", out.pass_environment);
    for (const std::string& name : out.pass_environment) {
        if (is_variable(name)) continue;
        table.fail("pass_environment",
                   "\"" + name + "\" is not the name of an environment variable");
    }
}

void read_limits(TableReader table, ChildLimits& out) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 50;
    table.size("address_space", out.address_space, 0, kMost);
    table.size("file_size", out.file_size, 0, kMost);
    for (const auto& [key, limit] :
         {std::pair{"open_files", &out.open_files}, std::pair{"processes", &out.processes}}) {
        std::int64_t value = 0;
        table.integer(key, value, 0, 1 << 20);
        *limit = static_cast<std::uint64_t>(value);
    }
}

}  // namespace

void read_stdio(TableReader table, Stdio& out) {
    read_command(table, out);
    read_environment(table, out);
    table.path("working_directory", out.working_directory);
    table.string("user", out.user);
    table.boolean("allow_root", out.allow_root);
    std::int64_t children = out.max_children;
    table.integer("max_children", children, 1, 100'000);
    out.max_children = static_cast<std::uint32_t>(children);
    table.duration("idle_timeout", out.idle_timeout_ns, kSecond);
    table.size("max_line", out.max_line, 1024, std::uint64_t{1} << 30);
    if (const Node* limits = table.table("limits")) {
        read_limits({table.reading(), *limits}, out.limits);
    }
    table.boolean("hide_gate_files", out.hide_gate_files);
}

}  // namespace postern::config
