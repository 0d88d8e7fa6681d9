#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/net/exchange.h"

namespace postern::upstream {

// What the gate knows of a caller, as text for people: what `whoami` tells.
struct CallerFacts {
    struct Tls {
        std::string version;
        std::string cipher;
        bool resumed = false;
        std::string server_name;
    };
    struct Certificate {
        std::string subject;
        std::string issuer;
        std::string serial;  // hex
        std::string sha256;  // hex, of the certificate
        std::string not_after;
    };
    struct PluginAnswer {
        std::string plugin;
        std::string phase;
        std::string action;
        std::string reason;  // empty: none was given
        bool observed = false;
    };

    std::string listener;
    std::string peer;
    std::optional<Tls> tls;
    std::string identity;
    std::string anchor;  // hex, of the anchor's public key
    std::optional<Certificate> certificate;
    std::vector<PluginAnswer> plugins;
};

[[nodiscard]] CallerFacts facts_of(net::Caller& caller);

}  // namespace postern::upstream
