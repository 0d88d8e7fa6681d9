#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/upstream/child/identity.h"
#include "core/upstream/child/user.h"

namespace postern::upstream {

// The lines of an environment_file: NAME=value, taken as it stands (nothing is expanded, quotes are
// a part of the value); empty lines and those that start with "#" are left out. The error has the
// line's number and never the value.
[[nodiscard]] Result<std::vector<config::EnvironmentVariable>> parse_environment(
    std::string_view text, const std::string& file);

// The whole environment of a child, as "NAME=value", in the order in which later ones win: HOME,
// LOGNAME, PATH, SHELL, TERM and USER; pass_environment; environment; environment_file;
// POSTERN_CLIENT_IDENTITY, _SUBJECT, _FINGERPRINT and _SANS. Reads environment_file: blocks.
[[nodiscard]] Result<std::vector<std::string>> child_environment(const config::Stdio& settings,
                                                                 const ChildUser& user,
                                                                 const ChildIdentity& identity);

// Of "NAME=value" entries; empty: not there.
[[nodiscard]] std::string_view variable_of(const std::vector<std::string>& environment,
                                           std::string_view name);

}  // namespace postern::upstream
