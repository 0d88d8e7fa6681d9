#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/tls/chain.h"
#include "core/tls/gnutls_handle.h"

// Certificates made on the spot, so that no test depends on a file that expires.
namespace postern::tls::test {

inline constexpr std::int64_t kNow = 1'800'000'000;
inline constexpr std::int64_t kDay = 86400;

struct Issued;

struct RawExtension {
    std::string oid;
    Bytes value;
    bool critical = false;
};

struct Wanted {
    std::string common_name = "client";
    std::vector<std::string> dns = {};
    std::vector<std::string> uri = {};
    std::vector<std::string> email = {};
    std::vector<std::string> ip = {};  // the octets
    std::vector<std::string> purposes = {GNUTLS_KP_TLS_WWW_CLIENT, GNUTLS_KP_TLS_WWW_SERVER};
    std::int64_t not_before = kNow - kDay;
    std::int64_t not_after = kNow + 30 * kDay;
    bool ca = false;
    int path_length = -1;
    unsigned key_usage = 0;  // 0: what suits
    gnutls_pk_algorithm_t algorithm = GNUTLS_PK_ECDSA;
    unsigned bits = 0;  // 0: what suits
    gnutls_digest_algorithm_t digest = GNUTLS_DIG_SHA256;
    std::string permitted_dns = {};
    std::vector<RawExtension> extensions = {};
    const Issued* issuer = nullptr;  // none: self-signed
    const Issued* key_of = nullptr;  // another's key; none: a new one
};

struct Issued {
    CertificateOwner handle;
    PrivateKeyOwner key;
    Bytes der;

    [[nodiscard]] std::string pem() const;
    [[nodiscard]] std::string key_pem() const;
    [[nodiscard]] std::string encrypted_key_pem(const std::string& password) const;
};

[[nodiscard]] Issued issue(const Wanted& wanted);
[[nodiscard]] Issued issue_authority(const std::string& name, const Issued* issuer = nullptr);
[[nodiscard]] ChainRef chain_of(std::initializer_list<const Issued*> certificates);
[[nodiscard]] Bytes pkcs12_of(const Issued& leaf, const Issued& authority,
                              const std::string& password);

// A folder of its own that goes when the test does.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();

    std::string write(const std::string& name, std::string_view content) const;

private:
    std::filesystem::path path_;
};

}  // namespace postern::tls::test
