#pragma once

#include <cstdint>
#include <string>

namespace postern::cli {

struct GateConfiguration {
    std::string host;
    std::uint16_t port = 0;
    // The server behind it: a URL, or a command line and the directory to run it in; all empty: the
    // built-in one.
    std::string upstream = {};
    std::string stdio = {};
    std::string working_directory = {};
};

// posternd.toml of a new gate, whose files are in pki/, state/ and run/ beside it: the four
// plugins, all enforcing.
[[nodiscard]] std::string gate_configuration_text(const GateConfiguration& gate);

}  // namespace postern::cli
