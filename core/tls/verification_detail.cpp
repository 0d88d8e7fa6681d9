#include "core/tls/verification_detail.h"

#include "core/tls/name_constraints.h"
#include "postern/call.h"
#include "postern/service/crypto.h"
#include "postern/service/x509.h"

namespace postern::tls {
namespace {

std::string quoted(const std::string& name) {
    return name.empty() ? std::string("a certificate without a subject") : "\"" + name + "\"";
}

std::string weakness(const Certificate& certificate) {
    const bool rsa =
        certificate.key_type == POSTERN_KEY_RSA || certificate.key_type == POSTERN_KEY_RSA_PSS;
    if (rsa && certificate.key_bits < 2048)
        return "has an RSA key of " + std::to_string(certificate.key_bits) + " bits";
    if (certificate.key_type == POSTERN_KEY_DSA) return "has a DSA key";
    if (certificate.signature_hash == POSTERN_DIGEST_SHA1) return "is signed with SHA-1";
    if (certificate.signature_hash == POSTERN_DIGEST_MD5) return "is signed with MD5";
    return {};
}

std::string insecure(const Chain& way) {
    for (const Certificate& certificate : way.certificates())
        if (const std::string what = weakness(certificate); !what.empty())
            return quoted(certificate.subject_text) + " " + what;
    return {};
}

std::string unknown_authority(const Chain& way) {
    const Certificate& last = way.certificates().back();
    if (last.subject == last.issuer)
        return quoted(last.subject_text) + " is self-signed and no trusted authority";
    return "no trusted authority has issued " + quoted(last.subject_text) + "; it says that " +
           quoted(last.issuer_text) + " has";
}

std::string not_a_ca(const Chain& way) {
    for (std::size_t i = 1; i < way.size(); ++i)
        if (way.certificates()[i].is_ca != 1)
            return quoted(way.certificates()[i].subject_text) + " is no certificate authority";
    return {};
}

}  // namespace

std::string detail_of(std::uint32_t flags, const Chain& way, std::string otherwise) {
    std::string detail;
    if ((flags & POSTERN_VERIFY_UNKNOWN_AUTHORITY) != 0) {
        detail = unknown_authority(way);
    } else if ((flags & POSTERN_VERIFY_ISSUER_NOT_A_CA) != 0) {
        detail = not_a_ca(way);
    } else if ((flags & POSTERN_VERIFY_NAME_CONSTRAINT) != 0) {
        if (const auto named = check_name_constraints(way); !named) detail = named.error().message;
    } else if ((flags & POSTERN_VERIFY_INSECURE_ALGORITHM) != 0) {
        detail = insecure(way);
    }
    return detail.empty() ? otherwise : detail;
}

}  // namespace postern::tls
