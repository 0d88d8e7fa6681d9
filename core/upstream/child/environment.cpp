#include "core/upstream/child/environment.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>

#include "core/base/bytes.h"
#include "core/plugin/trusted_file.h"

namespace postern::upstream {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kLargestFile = std::size_t{1} << 20;
constexpr std::size_t kMostVariables = 1024;
constexpr std::string_view kOurs = "POSTERN_CLIENT_";  // nothing configured may pass for identity
constexpr std::string_view kUsualPath = "/usr/local/bin:/usr/bin:/bin";

bool is_variable(std::string_view name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

Error refused_name(const std::string& key, std::string_view name) {
    return configuration_error(key + ": " + std::string(name) + ": names that start with " +
                               std::string(kOurs) + " are the gate's own");
}

// From the gate's own environment. A value that starts with "()" is a function of a shell, which
// some shells would run: left out, as MCP hosts do.
void inherit(std::string_view name, Variables& out) {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr || std::string_view(value).starts_with("()")) return;
    out.insert_or_assign(std::string(name), value);
}

void add_base(const ChildUser& user, Variables& out) {
    inherit("PATH", out);
    inherit("TERM", out);
    if (!out.contains("PATH")) out.emplace("PATH", kUsualPath);
    const auto set = [&out](const char* name, const std::string& value) {
        if (!value.empty()) out.insert_or_assign(name, value);
    };
    set("HOME", user.home);
    set("SHELL", user.shell);
    set("USER", user.name);
    set("LOGNAME", user.name);
}

// Names come from certificates: control characters are written as RFC 4514 does, a backslash and
// two hex digits, and in a list so are the comma and the backslash that would let one name pass for
// two.
std::string escaped(std::string_view text, std::string_view also = {}) {
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<std::uint8_t>(c);
        if (octet < 0x20 || octet == 0x7f || also.find(c) != std::string_view::npos) {
            out += '\\' + to_hex({&octet, 1});
        } else {
            out += c;
        }
    }
    return out;
}

void add_identity(const ChildIdentity& identity, Variables& out) {
    std::string sans;
    for (const std::string& name : identity.sans) {
        if (!sans.empty()) sans += ',';
        sans += escaped(name, ",\\");
    }
    const auto set = [&out](const char* name, std::string value) {
        if (!value.empty()) out.emplace(std::string(kOurs) + name, std::move(value));
    };
    set("IDENTITY", escaped(identity.name));
    set("SUBJECT", escaped(identity.subject));
    set("FINGERPRINT", escaped(identity.fingerprint));
    set("SANS", std::move(sans));
}

Result<void> add_file(const std::string& file, Variables& out) {
    const auto trusted = plugin::open_trusted_file(file);
    if (!trusted) {
        return configuration_error("environment_file: " + trusted.error().message);
    }
    const std::string_view text(reinterpret_cast<const char*>(trusted->content.data()),
                                trusted->content.size());
    auto variables = parse_environment(text, file);
    if (!variables) return std::move(variables).error();
    for (auto& variable : *variables) {
        out.insert_or_assign(variable.name, std::move(variable.value));
    }
    return {};
}

}  // namespace

Result<std::vector<config::EnvironmentVariable>> parse_environment(std::string_view text,
                                                                   const std::string& file) {
    if (text.size() > kLargestFile) {
        return configuration_error("environment_file: " + file + ": is larger than 1 MiB");
    }
    std::vector<config::EnvironmentVariable> variables;
    std::set<std::string_view> seen;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;

        const std::string where = "environment_file: " + file + ":" + std::to_string(number);
        const std::size_t equals = line.find('=');
        const std::string_view name = line.substr(0, equals);
        if (equals == std::string_view::npos || !is_variable(name)) {
            return configuration_error(where + ": is not of the form NAME=value");
        }
        if (name.starts_with(kOurs)) return refused_name(where, name);
        const std::string_view value = line.substr(equals + 1);
        if (value.find('\0') != std::string_view::npos) {
            return configuration_error(where + ": has a NUL byte, which no variable can carry");
        }
        if (!seen.insert(name).second) {
            return configuration_error(where + ": " + std::string(name) + " is set twice");
        }
        if (variables.size() == kMostVariables) {
            return configuration_error(where + ": there are more than " +
                                       std::to_string(kMostVariables) + " variables");
        }
        variables.push_back({std::string(name), std::string(value)});
    }
    return variables;
}

Result<std::vector<std::string>> child_environment(const config::Stdio& settings,
                                                   const ChildUser& user,
                                                   const ChildIdentity& identity) {
    Variables variables;
    add_base(user, variables);
    for (const std::string& name : settings.pass_environment) {
        if (name.starts_with(kOurs)) return refused_name("pass_environment", name);
        inherit(name, variables);
    }
    for (const auto& [name, value] : settings.environment) {
        if (name.starts_with(kOurs)) return refused_name("environment", name);
        variables.insert_or_assign(name, value);
    }
    if (!settings.environment_file.empty()) {
        if (auto added = add_file(settings.environment_file, variables); !added) {
            return std::move(added).error();
        }
    }
    add_identity(identity, variables);

    std::vector<std::string> environment;
    environment.reserve(variables.size());
    for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
    return environment;
}

std::string_view variable_of(const std::vector<std::string>& environment, std::string_view name) {
    for (const std::string_view entry : environment) {
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) {
            return entry.substr(name.size() + 1);
        }
    }
    return {};
}

}  // namespace postern::upstream
