#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::cli {

// A pin as it is written in the store and in the configuration, one a line:
//
//   sha256/<base64>  [expires=2027-01-31T00:00:00Z]  [for=dns:a.example]  [# comment]
//
// The plugin reads and writes the same with code of its own (plugins/pinning/pin.h), since it is
// built against the SDK alone; a test holds the two together.
struct PinLine {
    bool whole_certificate = false;  // "cert-sha256/…": not only its key
    std::string algorithm = "sha256";
    Bytes digest;
    std::optional<std::int64_t> expires;  // seconds since the epoch
    std::string name;                     // whose alone it is; empty: whoever shows the key
    std::string comment;

    [[nodiscard]] std::string digest_text() const;  // "sha256/<base64>"
    [[nodiscard]] std::string text() const;         // without the comment
};

// Without a comment. The error says what is wrong and what would be right.
[[nodiscard]] Result<PinLine> parse_pin(std::string_view text);

// A line of a file; nothing of an empty one, or one with a comment alone.
[[nodiscard]] Result<std::optional<PinLine>> parse_pin_line(std::string_view line);

// Whether a word on the command line is meant for a pin rather than for a file.
[[nodiscard]] bool looks_like_pin(std::string_view word);

}  // namespace postern::cli
