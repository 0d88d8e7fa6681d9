#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::revocation::test {

using Der = std::vector<std::uint8_t>;

Der operator+(Der a, const Der& b);
Der text(std::string_view characters);
// With the length in the fewest octets.
Der tlv(std::uint8_t tag, const Der& content);
Der sequence(const Der& content);
Der name(std::string_view common_name);
// Out of "2026-01-02T03:04:05Z", as UTCTime.
Der utc_time(std::int64_t seconds);
Der extension(const Der& id, const Der& value, bool critical = false);
// 2.5.29.`last`.
Der certificate_extension(std::uint8_t last, const Der& value, bool critical = false);
Der reason_extensions(std::uint8_t reason);
Der entry(const Der& serial, std::int64_t revoked_at, const Der& extensions = {});

const Der kEcdsaSha256 = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

// A CRL piece by piece: every field may be replaced by anything.
struct CrlWriter {
    Der version = {0x02, 0x01, 0x01};
    Der algorithm = kEcdsaSha256;
    Der outer_algorithm = kEcdsaSha256;
    Der issuer = name("Test CA");
    Der this_update = utc_time(1'799'990'000);
    Der next_update = utc_time(1'800'600'000);
    Der entries;     // without their SEQUENCE; empty: the field is absent
    Der extensions;  // without [0] and SEQUENCE; empty: the field is absent
    Der signature_octets = {1, 2, 3, 4};
    std::function<Der(const Der& tbs)> sign;  // makes the octets instead

    Der tbs() const;
    Der write() const;
};

std::string pem(const Der& der, std::string_view label = "X509 CRL");

}  // namespace postern::revocation::test
