#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::cli {

// The values of --dns, --ip, --email and --uri.
struct NameOptions {
    std::vector<std::string> dns;
    std::vector<std::string> ip;
    std::vector<std::string> email;
    std::vector<std::string> uri;
};

// Checked, in the form that goes into subjectAltName (RFC 5280 section 4.2.1.6).
struct SubjectNames {
    std::vector<std::string> dns;  // A-labels
    std::vector<Bytes> addresses;  // 4 or 16 bytes
    std::vector<std::string> email;
    std::vector<std::string> uri;

    [[nodiscard]] bool empty() const {
        return dns.empty() && addresses.empty() && email.empty() && uri.empty();
    }
};

[[nodiscard]] Result<SubjectNames> parse_subject_names(const NameOptions& options);
// http or https with a host: the values of --crl-uri and --ocsp-uri.
[[nodiscard]] Result<void> check_fetch_uri(const std::string& flag, const std::string& uri);
// A common name: 1 to 64 visible characters (RFC 5280 appendix A.1, ub-common-name).
[[nodiscard]] Result<void> check_common_name(const std::string& flag, const std::string& name);

[[nodiscard]] bool is_host_name(const std::string& name);  // LDH labels; a leading "*." is fine
// Empty when `text` is not an IPv4 or IPv6 address.
[[nodiscard]] Bytes address_bytes(const std::string& text);

}  // namespace postern::cli
