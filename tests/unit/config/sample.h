#pragma once

#include <string>
#include <string_view>

#include "core/config/load.h"

// The smallest listener with TLS; tests add to it or change it.
inline constexpr std::string_view kSmallest = R"([[listener]]
port = 8443
[listener.tls]
certificate = "server.crt"
private_key = "server.key"
client_ca = ["ca.crt"]
[[listener.route]]
path = "/mcp"
[listener.route.upstream]
kind = "builtin"
)";

inline constexpr const char* kFile = "/etc/postern/posternd.toml";

// The smallest with `what` replaced by `with`.
inline std::string smallest(std::string_view what = {}, std::string_view with = {}) {
    std::string text(kSmallest);
    if (!what.empty()) text.replace(text.find(what), what.size(), with);
    return text;
}

inline postern::config::Loaded loaded(std::string_view text) {
    return postern::config::load_text(text, kFile);
}

// All errors, a line each, without the file's name.
inline std::string errors_of(std::string_view text) {
    std::string all;
    for (std::string error : loaded(text).errors) {
        const std::string prefix = std::string(kFile) + ":";
        if (error.starts_with(prefix)) error.erase(0, prefix.size());
        all += error + "\n";
    }
    return all;
}

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
