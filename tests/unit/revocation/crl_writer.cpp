#include "tests/unit/revocation/crl_writer.h"

#include "plugins/revocation/text.h"

namespace postern::revocation::test {

Der operator+(Der a, const Der& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Der text(std::string_view characters) {
    return Der(characters.begin(), characters.end());
}

Der tlv(std::uint8_t tag, const Der& content) {
    Der out = {tag};
    if (content.size() < 0x80) {
        out.push_back(static_cast<std::uint8_t>(content.size()));
    } else {
        Der length;
        for (std::size_t rest = content.size(); rest != 0; rest >>= 8) {
            length.insert(length.begin(), static_cast<std::uint8_t>(rest & 0xffu));
        }
        out.push_back(static_cast<std::uint8_t>(0x80u | length.size()));
        out = out + length;
    }
    return out + content;
}

Der sequence(const Der& content) {
    return tlv(0x30, content);
}

Der name(std::string_view common_name) {
    return sequence(
        tlv(0x31, sequence(tlv(0x06, {0x55, 0x04, 0x03}) + tlv(0x0c, text(common_name)))));
}

Der utc_time(std::int64_t seconds) {
    std::string out;
    for (const char c : time_text(seconds).substr(2)) {
        if (c >= '0' && c <= '9') out.push_back(c);
    }
    return tlv(0x17, text(out + "Z"));
}

Der extension(const Der& id, const Der& value, bool critical) {
    return sequence(tlv(0x06, id) + (critical ? tlv(0x01, {0xff}) : Der{}) + tlv(0x04, value));
}

Der certificate_extension(std::uint8_t last, const Der& value, bool critical) {
    return extension({0x55, 0x1d, last}, value, critical);
}

Der reason_extensions(std::uint8_t reason) {
    return sequence(certificate_extension(21, tlv(0x0a, {reason})));
}

Der entry(const Der& serial, std::int64_t revoked_at, const Der& extensions) {
    return sequence(tlv(0x02, serial) + utc_time(revoked_at) + extensions);
}

Der CrlWriter::tbs() const {
    return sequence(version + algorithm + issuer + this_update + next_update +
                    (entries.empty() ? Der{} : sequence(entries)) +
                    (extensions.empty() ? Der{} : tlv(0xa0, sequence(extensions))));
}

Der CrlWriter::write() const {
    const Der signed_part = tbs();
    const Der octets = sign ? sign(signed_part) : signature_octets;
    return sequence(signed_part + outer_algorithm + tlv(0x03, Der{0} + octets));
}

std::string pem(const Der& der, std::string_view label) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out = "-----BEGIN " + std::string(label) + "-----\n";
    std::size_t column = 0;
    for (std::size_t i = 0; i < der.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (i + k < der.size() ? der[i + k] : 0u);
        for (std::size_t k = 0; k < 4; ++k) {
            out.push_back(i + k <= der.size() ? kAlphabet[group >> (18 - 6 * k) & 0x3fu] : '=');
        }
        if ((column += 4) % 64 == 0) out.push_back('\n');
    }
    return out + "\n-----END " + std::string(label) + "-----\n";
}

}  // namespace postern::revocation::test
