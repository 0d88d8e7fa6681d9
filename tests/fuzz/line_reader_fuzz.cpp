#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/upstream/child/line_reader.h"

// However the bytes come, the lines are those of the whole text, and none is longer than allowed.
namespace {

constexpr std::size_t kMaxLine = 64;

struct Lines {
    std::vector<std::string> all;
    bool too_long = false;
    bool operator==(const Lines&) const = default;
};

Lines expected(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() > kMaxLine) {
            lines.too_long = true;
            return lines;
        }
        if (!line.empty()) lines.all.emplace_back(line);
    }
    return lines;
}

Lines read_by(std::string_view text, std::size_t step) {
    Lines lines;
    postern::upstream::LineReader reader(kMaxLine);
    while (!text.empty() && !reader.too_long()) {
        const auto space = reader.space();
        const std::size_t count = std::min({step, text.size(), space.size()});
        std::memcpy(space.data(), text.data(), count);
        reader.filled(count);
        text.remove_prefix(count);
        while (const auto line = reader.next()) lines.all.emplace_back(*line);
    }
    if (const auto line = reader.rest()) lines.all.emplace_back(*line);
    lines.too_long = reader.too_long();
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (!(read_by(text, data[0] + std::size_t{1}) == expected(text))) std::abort();
    return 0;
}
