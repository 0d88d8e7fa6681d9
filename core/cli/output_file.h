#pragma once

#include <initializer_list>
#include <string>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/cli/secret.h"

namespace postern::cli {

// Refuses before anything is written when one of them is there. `why` says what would be right.
[[nodiscard]] Result<void> expect_absent(const std::string& path, const std::string& why);

// Mode 0600, or 0640 with `group`. Never replaces a file.
[[nodiscard]] Result<void> write_secret_file(const std::string& path, const Secret& content,
                                             const std::string& group);
// An unknown group is found before a key is made.
[[nodiscard]] Result<void> check_group(const std::string& group);

// Mode 0644.
[[nodiscard]] Result<void> write_public_file(const std::string& path, ByteView content,
                                             Replace replace);

// The directory and those above it, mode 0700 where they are missing.
[[nodiscard]] Result<void> make_directory(const std::string& path);

}  // namespace postern::cli
