#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/config/folded_path.h"

// A folded path is a path, or nothing, and never longer; case is folded away.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view path(reinterpret_cast<const char*>(data), size);
    const std::string folded = postern::config::folded_path(path);
    if (folded.size() > path.size() + 1) std::abort();
    for (const char c : folded) {
        if (c >= 'A' && c <= 'Z') std::abort();
    }
    if (!folded.empty() && folded.front() != '/') std::abort();
    std::string upper(path);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    if (postern::config::folded_path(upper) != folded) std::abort();
    return 0;
}
