#pragma once

#include <string>
#include <vector>

namespace postern::upstream {

// What a child is told of its caller, when it serves one identity alone: POSTERN_CLIENT_* in its
// environment. Empty for a caller without a certificate.
struct ChildIdentity {
    std::string name;               // tls::Identity::name
    std::string subject;            // RFC 4514
    std::string fingerprint;        // SHA-256 of the leaf, hex
    std::vector<std::string> sans;  // "URI:spiffe://…", "DNS:…"
};

}  // namespace postern::upstream
