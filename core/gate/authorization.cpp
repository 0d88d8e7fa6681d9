#include "core/gate/authorization.h"

#include <algorithm>
#include <string_view>

#include "core/plugin/trusted_file.h"

namespace postern::gate {
namespace {

constexpr std::size_t kMaxValue = 8 * 1024;

bool is_credentials(std::string_view text) {
    return !text.empty() && text.size() <= kMaxValue && text.front() != ' ' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

Result<std::string> read_authorization(const config::Route& route) {
    if (route.authorization.kind != config::Authorization::Kind::replace) return std::string();
    const auto fail = [&route](const std::string& why) {
        return configuration_error(route.position.text() + ": route \"" + route.name +
                                   "\": authorization: " + why);
    };
    const std::string& path = route.authorization.file;
    auto file = plugin::open_trusted_file(path);
    if (!file) return fail(file.error().message);
    const std::string_view text = as_text(file->content);
    std::string_view line = text.substr(0, text.find('\n'));
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    if (!is_credentials(line)) {
        return fail(path + ": its first line is not the value of a header of at most 8 KiB, such " +
                    "as \"Bearer mF_9.B5f\"");
    }
    return std::string(line);
}

}  // namespace postern::gate
