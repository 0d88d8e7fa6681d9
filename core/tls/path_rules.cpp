#include "core/tls/path_rules.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "core/base/units.h"
#include "postern/call.h"
#include "postern/service/x509.h"

namespace postern::tls {
namespace {

constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";
constexpr std::string_view kAnyPurpose = "2.5.29.37.0";

std::string_view purpose_oid(Purpose purpose) {
    return purpose == Purpose::client_authentication ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1";
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

// An extension that is there with an empty list restricts to nothing at all.
bool restricts_purpose(const Certificate& certificate) {
    return std::any_of(
        certificate.extensions.begin(), certificate.extensions.end(),
        [](const Extension& extension) { return extension.oid == kExtendedKeyUsage; });
}

bool has_repeated_extension(const Certificate& certificate) {
    std::unordered_set<std::string_view> seen;
    for (const Extension& extension : certificate.extensions)
        if (!seen.insert(extension.oid).second) return true;
    return false;
}

bool is_self_issued(const Certificate& certificate) {
    return certificate.subject == certificate.issuer;
}

void say(std::string& detail, const std::string& what) {
    if (!detail.empty()) detail += "; ";
    detail += what;
}

std::string quoted(const std::string& name) {
    return "\"" + name + "\"";
}

}  // namespace

std::uint32_t check_validity(const Chain& chain, std::int64_t now, std::string& detail) {
    std::uint32_t flags = 0;
    for (const Certificate& certificate : chain.certificates()) {
        if (now < certificate.not_before) {
            flags |= POSTERN_VERIFY_NOT_YET_VALID;
            say(detail, quoted(certificate.subject_text) + " is valid from " +
                            format_time(certificate.not_before));
        }
        if (now > certificate.not_after) {
            flags |= POSTERN_VERIFY_EXPIRED;
            say(detail, quoted(certificate.subject_text) + " expired at " +
                            format_time(certificate.not_after));
        }
    }
    return flags;
}

std::uint32_t check_leaf_purpose(const Certificate& leaf, Purpose purpose, std::string& detail) {
    // "If the extension is present, then the certificate MUST only be used for one of the purposes
    // indicated"; anyExtendedKeyUsage on a leaf names none, and an application may refuse it.
    if (restricts_purpose(leaf) && !contains(leaf.extended_key_usage, purpose_oid(purpose))) {
        say(detail, "the extended key usage has no " +
                        std::string(purpose == Purpose::client_authentication ? "clientAuth"
                                                                              : "serverAuth"));
        return POSTERN_VERIFY_WRONG_PURPOSE;
    }
    // The policies know ephemeral key exchange only: the key has to sign.
    if (leaf.key_usage >= 0 && (leaf.key_usage & POSTERN_KEY_USAGE_DIGITAL_SIGNATURE) == 0) {
        say(detail, "the key usage has no digitalSignature");
        return POSTERN_VERIFY_WRONG_PURPOSE;
    }
    return 0;
}

std::uint32_t check_path(const Chain& verified, Purpose purpose, std::string& detail) {
    std::uint32_t flags = 0;
    std::int64_t below = 0;  // CAs that are not self-issued, between this one and the leaf
    const auto& certificates = verified.certificates();
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        const Certificate& certificate = certificates[i];
        if (has_repeated_extension(certificate)) {
            flags |= POSTERN_VERIFY_INVALID;
            say(detail, quoted(certificate.subject_text) + " has an extension twice");
        }
        if (i == 0) continue;
        if (certificate.path_length >= 0 && below > certificate.path_length) {
            flags |= POSTERN_VERIFY_INVALID;
            say(detail,
                "the path below " + quoted(certificate.subject_text) + " is longer than it allows");
        }
        if (!is_self_issued(certificate)) ++below;
        const bool anchor = i + 1 == certificates.size();
        if (!anchor && restricts_purpose(certificate) &&
            !contains(certificate.extended_key_usage, purpose_oid(purpose)) &&
            !contains(certificate.extended_key_usage, kAnyPurpose)) {
            flags |= POSTERN_VERIFY_WRONG_PURPOSE;
            say(detail, quoted(certificate.subject_text) + " may not issue for this purpose");
        }
    }
    return flags;
}

}  // namespace postern::tls
