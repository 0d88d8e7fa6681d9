#include "core/cli/issuance.h"

#include <unistd.h>

#include "core/cli/crl_builder.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/output_file.h"
#include "core/cli/printable.h"
#include "core/cli/revocation_state.h"

namespace postern::cli {
namespace {

struct SubjectKey {
    tls::PrivateKeyOwner key;
    std::optional<Secret> encoded;  // to be written; none for an existing key
};

Result<void> check_target(const IssueTarget& target) {
    if (auto group = check_group(target.group); !group) return group;
    if (target.existing_key.empty())
        if (auto absent = expect_absent(
                target.key_path,
                "a key is never overwritten; choose another --out, or certify it with --key");
            !absent)
            return absent;
    if (target.force == Force::yes) return {};
    return expect_absent(target.certificate_path,
                         "choose another --out, or replace the certificate with --force");
}

Result<SubjectKey> subject_key(const IssueTarget& target) {
    const PasswordSource password{"--password-file", target.password_file};
    if (!target.existing_key.empty()) {
        auto key = read_private_key(target.existing_key, password);
        if (!key) return key.error();
        return SubjectKey{std::move(*key), std::nullopt};
    }
    const auto secret = password.if_given();
    if (!secret) return secret.error();
    auto key = generate_key(target.key_type);
    if (!key) return key.error();
    auto encoded = encode_private_key(key->get(), Encoding::pem, *secret);
    if (!encoded) return encoded.error();
    return SubjectKey{std::move(*key), std::move(*encoded)};
}

Result<std::string> crl_pem(ByteView der) {
    const auto datum = tls::datum_of(der);
    tls::GnutlsDatum pem;
    if (const int rc = gnutls_pem_base64_encode2("X509 CRL", &datum, pem.out()); rc < 0)
        return gnutls_failure("encoding a CRL", rc);
    return std::string(as_text(pem.view()));
}

}  // namespace

Result<tls::CertificateOwner> issue(const CertificateSpec& spec, const IssueTarget& target,
                                    const Authority* authority) {
    if (auto checked = check_target(target); !checked) return checked.error();
    const auto subject = subject_key(target);
    if (!subject) return subject.error();
    const Signer itself{nullptr, subject->key.get()};
    auto certificate =
        build_certificate(spec, subject->key.get(), authority ? authority->signer() : itself);
    if (!certificate) return certificate;
    auto pem = encode_pem(certificate->get());
    if (!pem) return pem.error();
    if (authority && !spec.authority) *pem += authority->chain_pem;

    if (subject->encoded)
        if (auto written = write_secret_file(target.key_path, *subject->encoded, target.group);
            !written)
            return written.error();
    const auto replace = target.force == Force::yes ? Replace::yes : Replace::no;
    if (auto written = write_public_file(target.certificate_path, as_bytes(*pem), replace);
        !written) {
        if (subject->encoded) ::unlink(target.key_path.c_str());  // ours, and certified by nothing
        return written.error();
    }
    return certificate;
}

Result<std::uint64_t> issue_crl(const Authority& authority, const std::string& path,
                                Encoding encoding, std::int64_t this_update,
                                std::int64_t next_update) {
    const auto lock = lock_state(authority.state_path());
    if (!lock) return lock.error();
    auto state = read_state(authority.state_path());
    if (!state) return state.error();
    const auto number = ++state->last_crl_number;
    const auto der =
        build_crl({number, this_update, next_update, state->revoked}, authority.signer());
    if (!der) return der.error();
    // The number first: one that is skipped harms nobody, one that is used twice does
    // (RFC 5280 section 5.2.3).
    if (auto written = write_state(authority.state_path(), *state); !written)
        return written.error();
    const auto pem = encoding == Encoding::pem ? crl_pem(*der) : Result<std::string>(std::string());
    if (!pem) return pem.error();
    const auto content = encoding == Encoding::pem ? as_bytes(*pem) : ByteView(*der);
    if (auto written = write_public_file(path, content, Replace::yes); !written)
        return written.error();
    return number;
}

}  // namespace postern::cli
