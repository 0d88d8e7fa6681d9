#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "core/cli/certificate_description.h"

namespace postern::cli {

// Safe for a terminal; `now` is for what is left of the validity.
[[nodiscard]] std::string to_text(const CertificateDescription& certificate, std::int64_t now);
[[nodiscard]] std::string to_text(const CrlDescription& crl, std::int64_t now);

[[nodiscard]] nlohmann::ordered_json to_json(const CertificateDescription& certificate,
                                             std::int64_t now);
[[nodiscard]] nlohmann::ordered_json to_json(const CrlDescription& crl);

// Bytes that are not UTF-8 are replaced: what came from a certificate must not end the command.
[[nodiscard]] std::string dump(const nlohmann::ordered_json& document);

}  // namespace postern::cli
