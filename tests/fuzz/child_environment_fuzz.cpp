#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/upstream/child/environment.h"

// What is taken from an environment_file stands in it as it is, and can be given to a program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto variables = postern::upstream::parse_environment(text, "file");
    if (!variables) return 0;
    for (const auto& [name, value] : *variables) {
        const bool sound = text.find(name + "=" + value) != std::string_view::npos &&
                           name.find_first_of(std::string_view("=\0\n", 3)) == std::string::npos &&
                           value.find_first_of(std::string_view("\0\n", 2)) == std::string::npos &&
                           !name.empty() && !name.starts_with("POSTERN_CLIENT_");
        if (!sound) std::abort();
    }
    return 0;
}
