#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/cli/secret.h"

namespace postern::cli {

// The first line of the file, without its line end.
[[nodiscard]] Result<Secret> read_password_file(const std::string& path);

// Where the password for something protected comes from: the file given with `flag`, else a prompt
// on the terminal, else an error that names the flag.
struct PasswordSource {
    std::string flag;  // "--password-file"
    std::string file;  // its value, may be empty

    [[nodiscard]] Result<Secret> existing(const std::string& what) const;
    // A new one: the terminal is asked twice.
    [[nodiscard]] Result<Secret> chosen(const std::string& what) const;
    // None when the flag was not given: what is written then is not encrypted.
    [[nodiscard]] Result<std::optional<Secret>> if_given() const;
};

}  // namespace postern::cli
