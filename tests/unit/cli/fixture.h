#pragma once

#include <utility>

#include <boost/test/unit_test.hpp>

#include "core/cli/certificate_builder.h"
#include "core/cli/private_key.h"

namespace postern::cli::test {

constexpr std::int64_t kNow = 1795000000;  // 2026-11-18

template <class T>
T taken(Result<T> result) {
    if (!result) BOOST_FAIL(result.error().message);
    return std::move(*result);
}

struct Identity {
    tls::PrivateKeyOwner key;
    tls::CertificateOwner certificate;

    [[nodiscard]] Signer signer() const { return {certificate.get(), key.get()}; }
};

inline CertificateSpec leaf_spec() {
    CertificateSpec spec;
    spec.common_name = "me";
    spec.names = taken(parse_subject_names({{"a.example"}, {"::1"}, {}, {}}));
    spec.validity = {kNow, kNow + kDay};
    spec.purpose = Purpose::server;
    return spec;
}

inline Identity authority(KeyType type = KeyType::ecdsa_p256) {
    Identity made;
    made.key = taken(generate_key(type));
    CertificateSpec spec;
    spec.common_name = "Test CA";
    spec.authority = true;
    spec.path_length = 0;
    spec.validity = {kNow - kDay, kNow + 10 * kDay};
    made.certificate = taken(build_certificate(spec, made.key.get(), {nullptr, made.key.get()}));
    return made;
}

inline Identity leaf(const Identity& issuer, const CertificateSpec& spec) {
    Identity made;
    made.key = taken(generate_key(KeyType::ecdsa_p256));
    made.certificate = taken(build_certificate(spec, made.key.get(), issuer.signer()));
    return made;
}

}  // namespace postern::cli::test
