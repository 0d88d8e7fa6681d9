#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/tls/chain.h"

namespace postern::tls {

[[nodiscard]] std::string lower_case(std::string text);  // ASCII alone, as DNS compares

// RFC 6066 section 3: a DNS name in lower-case ASCII, without trailing dot, not an IP address.
// Underscores are no part of host names but of names in use.
[[nodiscard]] bool is_dns_name(std::string_view name);

// RFC 6125 6.4.3, the plain form: "*." stands for the whole leftmost label, and exactly one. Both
// in lower case.
[[nodiscard]] bool name_matches(std::string_view pattern, std::string_view name);

// The DNS and IP names of a certificate, in lower case.
[[nodiscard]] std::vector<std::string> names_in(const Certificate& leaf);

// The server that a client means: what it asks for and what the certificate has to be for.
struct ServerName {
    std::string text;  // a DNS name in lower case without its last dot, or an address
    Bytes address;     // of an IP address: 4 or 16 bytes

    [[nodiscard]] bool is_address() const { return !address.empty(); }
};

// A DNS name, or an IP address without brackets.
[[nodiscard]] Result<ServerName> parse_server_name(std::string_view text);

// By subjectAltName alone, addresses by iPAddress alone; never by the common name (RFC 9525 section
// 2: it is no name). A wildcard has to leave two labels beside its own.
[[nodiscard]] bool is_certificate_for(const Certificate& leaf, const ServerName& name);

}  // namespace postern::tls
