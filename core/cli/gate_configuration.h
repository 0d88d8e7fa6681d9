#pragma once

#include <cstdint>
#include <string>

namespace postern::cli {

struct GateConfiguration {
    std::string host;
    std::uint16_t port = 0;
    std::string upstream;  // URL; empty: the built-in server
};

// posternd.toml of a new gate, whose files are in pki/, state/ and run/ beside it: the four
// plugins, all enforcing.
[[nodiscard]] std::string gate_configuration_text(const GateConfiguration& gate);

}  // namespace postern::cli
