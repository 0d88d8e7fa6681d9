#include "key_rules.h"

#include <string_view>

namespace postern::validator {

namespace {

constexpr std::string_view kEd25519 = "1.3.101.112";  // RFC 8410
constexpr std::string_view kEd448 = "1.3.101.113";

std::string curve_name(std::string_view oid) {
    if (oid == "1.2.840.10045.3.1.7") return "ec-p256";
    if (oid == "1.3.132.0.34") return "ec-p384";
    if (oid == "1.3.132.0.35") return "ec-p521";
    return "ec on curve " + (oid.empty() ? std::string("unknown") : std::string(oid));
}

std::string key_type_name(const Examined& examined) {
    switch (examined.number(POSTERN_X_KEY_TYPE)) {
        case POSTERN_KEY_RSA:
            return "rsa";
        case POSTERN_KEY_RSA_PSS:
            return "rsa-pss";
        case POSTERN_KEY_EC:
            return curve_name(examined.certificate().field(POSTERN_X_CURVE_OID).characters());
        case POSTERN_KEY_ED25519:
            return "ed25519";
        case POSTERN_KEY_ED448:
            return "ed448";
        case POSTERN_KEY_DSA:
            return "dsa";
        default:
            return "unknown";
    }
}

std::string hash_name(std::int64_t hash) {
    switch (hash) {
        case POSTERN_DIGEST_MD5:
            return "MD5";
        case POSTERN_DIGEST_SHA1:
            return "SHA-1";
        case POSTERN_DIGEST_SHA224:
            return "SHA-224";
        case POSTERN_DIGEST_SHA256:
            return "SHA-256";
        case POSTERN_DIGEST_SHA384:
            return "SHA-384";
        case POSTERN_DIGEST_SHA512:
            return "SHA-512";
        default:
            return "a hash that is not known";
    }
}

std::string join(const std::set<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

}  // namespace

Finding check_key(const Settings& settings, const Examined& examined) {
    const std::string type = key_type_name(examined);
    if (settings.allowed_key_types.count(type) == 0) {
        return examined.refuse(
            POSTERN_REASON_KEY_TYPE_NOT_ALLOWED,
            "has a key of type " + type + "; allowed are " + join(settings.allowed_key_types));
    }
    if (type != "rsa" && type != "rsa-pss") return {};
    const std::int64_t bits = examined.number(POSTERN_X_KEY_BITS);
    if (bits < settings.minimum_rsa_bits) {
        return examined.refuse(POSTERN_REASON_WEAK_KEY,
                               "has an RSA key of " + std::to_string(bits) + " bits; at least " +
                                   std::to_string(settings.minimum_rsa_bits) + " are required");
    }
    // Odd sizes are those of broken generators; CA/Browser Forum 6.1.5 refuses them as well.
    if (bits % 8 != 0) {
        return examined.refuse(
            POSTERN_REASON_PROFILE_VIOLATION,
            "has an RSA key of " + std::to_string(bits) + " bits, which is no multiple of 8");
    }
    return {};
}

Finding check_signature(const Settings& settings, const Examined& examined) {
    const std::string_view oid = examined.certificate().field(POSTERN_X_SIGNATURE_OID).characters();
    // EdDSA names no hash: it is part of the scheme.
    if (oid == kEd25519 || oid == kEd448) return {};
    const std::int64_t hash = examined.number(POSTERN_X_SIGNATURE_HASH);
    if (settings.allowed_signature_hashes.count(hash) != 0) return {};
    std::string allowed;
    for (const std::int64_t each : settings.allowed_signature_hashes) {
        allowed += (allowed.empty() ? "" : ", ") + hash_name(each);
    }
    return examined.refuse(POSTERN_REASON_WEAK_SIGNATURE, "is signed with " + hash_name(hash) +
                                                              " (algorithm " + std::string(oid) +
                                                              "); allowed are " + allowed);
}

}  // namespace postern::validator
