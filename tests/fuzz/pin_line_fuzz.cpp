#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/cli/pin_line.h"
#include "plugins/pinning/pin.h"

namespace {

// The text that the plugin would write; nothing where it takes the line for no pin.
std::string as_the_plugin_reads(std::string_view text) {
    try {
        return postern::pinning::pin_text(postern::pinning::parse_pin(text));
    } catch (const postern::sdk::Error&) {
        return {};
    }
}

}  // namespace

// Plugin and command, which share no code, take the same lines and mean the same by them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = postern::cli::parse_pin(text);
    const std::string read = as_the_plugin_reads(text);
    if (read != (line ? line->text() : "")) std::abort();
    if (!read.empty() && as_the_plugin_reads(read) != read) std::abort();
    return 0;
}
