#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/config/load.h"
#include "core/config/print.h"

// Whatever the text, loading ends in a configuration or in errors, each of one printable line; and
// what is printed of a configuration loads to the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern::config;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // It would read files of the machine that this runs on.
    if (text.find("include") != std::string_view::npos) return 0;

    constexpr const char* kFile = "/etc/postern/posternd.toml";
    const Loaded first = load_text(text, kFile);
    if (first.configuration.has_value() != first.errors.empty()) std::abort();
    for (const std::string& error : first.errors) {
        for (const char c : error) {
            if (static_cast<unsigned char>(c) < 0x20) std::abort();
        }
    }
    if (!first.configuration) return 0;
    const std::string printed = print(*first.configuration, {});
    const Loaded second = load_text(printed, kFile);
    if (!second.configuration || print(*second.configuration, {}) != printed) std::abort();
    return 0;
}
