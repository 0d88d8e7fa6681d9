#pragma once

#include <cstddef>

#include "core/base/result.h"
#include "core/tls/chain.h"

namespace postern::tls {

inline constexpr std::size_t kMaxCertificate = 64 * 1024;
inline constexpr std::size_t kMaxExtensions = 100;
inline constexpr std::size_t kMaxSubjectAltNames = 1000;
inline constexpr std::size_t kMaxListEntries = 100;  // of purposes, URIs, relative names

// Reads the Extensions element's content (RFC 5280 4.2) into the certificate: all of them as they
// are, and what those that Postern knows say. The first of a repeated extension counts.
[[nodiscard]] Result<void> read_extensions(ByteView extensions, Certificate& certificate);

}  // namespace postern::tls
