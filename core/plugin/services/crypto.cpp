#include "core/plugin/services/crypto.h"

#include <limits>
#include <optional>
#include <utility>

#include "core/plugin/host_handle.h"
#include "core/plugin/sdk_values.h"
#include "core/plugin/services/guard.h"
#include "core/plugin/services/signature_algorithm.h"
#include "core/tls/gnutls_handle.h"

namespace postern::plugin {
namespace {

constexpr std::size_t kMaxBuffered = 64 * 1024 * 1024;
constexpr unsigned kMinRsaBits = 2048;
constexpr unsigned kMinEcBits = 224;

gnutls_digest_algorithm_t gnutls_digest(std::uint32_t digest) {
    switch (digest) {
        case POSTERN_DIGEST_SHA1:
            return GNUTLS_DIG_SHA1;
        case POSTERN_DIGEST_SHA224:
            return GNUTLS_DIG_SHA224;
        case POSTERN_DIGEST_SHA256:
            return GNUTLS_DIG_SHA256;
        case POSTERN_DIGEST_SHA384:
            return GNUTLS_DIG_SHA384;
        case POSTERN_DIGEST_SHA512:
            return GNUTLS_DIG_SHA512;
        default:
            return GNUTLS_DIG_UNKNOWN;
    }
}

gnutls_sign_algorithm_t gnutls_signature(const SignatureAlgorithm& algorithm) {
    switch (algorithm.kind) {
        case SignatureKind::ed25519:
            return GNUTLS_SIGN_EDDSA_ED25519;
        case SignatureKind::ed448:
            return GNUTLS_SIGN_EDDSA_ED448;
        case SignatureKind::rsa_pkcs1:
            return gnutls_pk_to_sign(GNUTLS_PK_RSA, gnutls_digest(algorithm.digest));
        case SignatureKind::rsa_pss:
            return gnutls_pk_to_sign(GNUTLS_PK_RSA_PSS, gnutls_digest(algorithm.digest));
        case SignatureKind::ecdsa:
            return gnutls_pk_to_sign(GNUTLS_PK_ECDSA, gnutls_digest(algorithm.digest));
    }
    return GNUTLS_SIGN_UNKNOWN;
}

// OK, or why this key cannot have made such a signature.
postern_rc check_key(gnutls_pubkey_t key, SignatureKind kind) {
    unsigned bits = 0;
    const int type = gnutls_pubkey_get_pk_algorithm(key, &bits);
    const bool rsa = type == GNUTLS_PK_RSA || type == GNUTLS_PK_RSA_PSS;
    if (rsa && bits < kMinRsaBits) return POSTERN_E_DENIED;
    if (type == GNUTLS_PK_ECDSA && bits < kMinEcBits) return POSTERN_E_DENIED;
    bool fits = false;
    switch (kind) {
        case SignatureKind::rsa_pkcs1:
            fits = type == GNUTLS_PK_RSA;
            break;
        case SignatureKind::rsa_pss:
            fits = rsa;
            break;
        case SignatureKind::ecdsa:
            fits = type == GNUTLS_PK_ECDSA;
            break;
        case SignatureKind::ed25519:
            fits = type == GNUTLS_PK_EDDSA_ED25519;
            break;
        case SignatureKind::ed448:
            fits = type == GNUTLS_PK_EDDSA_ED448;
            break;
    }
    return fits ? POSTERN_OK : POSTERN_E_INVALID;
}

}  // namespace

// A key, an algorithm, and what was fed so far: as a running hash, or whole for the algorithms that
// sign the message itself.
class Verification {
public:
    [[nodiscard]] postern_rc begin(ByteView spki, const SignatureAlgorithm& algorithm) {
        gnutls_pubkey_t key = nullptr;
        if (gnutls_pubkey_init(&key) != 0) return POSTERN_E_NOMEM;
        key_.reset(key);
        const gnutls_datum_t der = tls::datum_of(spki);
        if (gnutls_pubkey_import(key, &der, GNUTLS_X509_FMT_DER) != 0) return POSTERN_E_INVALID;
        if (const postern_rc rc = check_key(key, algorithm.kind); rc != POSTERN_OK) return rc;

        signature_ = gnutls_signature(algorithm);
        if (signature_ == GNUTLS_SIGN_UNKNOWN) return POSTERN_E_UNSUPPORTED;
        if (algorithm.digest == 0) return POSTERN_OK;
        digest_ = gnutls_digest(algorithm.digest);
        gnutls_hash_hd_t hash = nullptr;
        if (gnutls_hash_init(&hash, digest_) != 0) return POSTERN_E_UNSUPPORTED;
        hash_.reset(hash);
        return POSTERN_OK;
    }

    [[nodiscard]] postern_rc update(ByteView data) {
        const std::lock_guard lock(mutex_);
        if (data.empty()) return POSTERN_OK;
        if (hash_) {
            return gnutls_hash(hash_.get(), data.data(), data.size()) == 0 ? POSTERN_OK
                                                                           : POSTERN_E_INTERNAL;
        }
        if (data.size() > kMaxBuffered - whole_.size()) return POSTERN_E_DENIED;
        whole_.insert(whole_.end(), data.begin(), data.end());
        return POSTERN_OK;
    }

    [[nodiscard]] postern_rc finish(ByteView signature) {
        const std::lock_guard lock(mutex_);
        if (signature.empty() || signature.size() > kMaxSignature) return POSTERN_E_INVALID;
        const gnutls_datum_t given = tls::datum_of(signature);
        int rc = 0;
        if (hash_) {
            Bytes value(static_cast<std::size_t>(gnutls_hash_get_len(digest_)));
            gnutls_hash_output(hash_.get(), value.data());
            const gnutls_datum_t hashed = tls::datum_of(value);
            rc = gnutls_pubkey_verify_hash2(key_.get(), signature_, 0, &hashed, &given);
        } else {
            const gnutls_datum_t whole = tls::datum_of(whole_);
            rc = gnutls_pubkey_verify_data2(key_.get(), signature_, 0, &whole, &given);
        }
        if (rc == GNUTLS_E_INSUFFICIENT_SECURITY) return POSTERN_E_DENIED;
        return rc >= 0 ? POSTERN_OK : POSTERN_E_INVALID;
    }

private:
    static constexpr std::size_t kMaxSignature = 64 * 1024;

    std::mutex mutex_;  // one handle used by two threads at once is the plugin's error, not a race
    tls::PublicKeyOwner key_;
    tls::HashOwner hash_;
    Bytes whole_;
    gnutls_sign_algorithm_t signature_ = GNUTLS_SIGN_UNKNOWN;
    gnutls_digest_algorithm_t digest_ = GNUTLS_DIG_UNKNOWN;
};

namespace {

postern_rc digest(const postern_host*, std::uint32_t algorithm, postern_bytes data,
                  std::uint8_t* out, std::size_t* size) {
    if (size == nullptr || out == nullptr) return POSTERN_E_INVALID;
    if (algorithm == POSTERN_DIGEST_MD5) return POSTERN_E_DENIED;
    const gnutls_digest_algorithm_t known = gnutls_digest(algorithm);
    if (known == GNUTLS_DIG_UNKNOWN) return POSTERN_E_UNSUPPORTED;
    const auto length = static_cast<std::size_t>(gnutls_hash_get_len(known));
    if (*size < length) return POSTERN_E_INVALID;
    const ByteView content = view_of(data);
    if (gnutls_hash_fast(known, content.data(), content.size(), out) != 0) {
        return POSTERN_E_INTERNAL;
    }
    *size = length;
    return POSTERN_OK;
}

postern_rc verify_begin(const postern_host* host, postern_bytes spki, postern_bytes algorithm,
                        std::uint64_t* handle) {
    constexpr std::size_t kMaxSpki = 64 * 1024;
    if (handle == nullptr || spki.size == 0 || spki.size > kMaxSpki) return POSTERN_E_INVALID;
    const ParsedAlgorithm parsed = parse_signature_algorithm(view_of(algorithm));
    if (parsed.fault == AlgorithmFault::malformed) return POSTERN_E_INVALID;
    if (parsed.fault == AlgorithmFault::unknown) return POSTERN_E_UNSUPPORTED;
    if (parsed.fault == AlgorithmFault::weak) return POSTERN_E_DENIED;

    auto verification = std::make_shared<Verification>();
    const postern_rc rc = verification->begin(view_of(spki), parsed.algorithm);
    if (rc != POSTERN_OK) return rc;
    const std::uint64_t added = HostHandle::of(host).verifications.add(std::move(verification));
    if (added == 0) return POSTERN_E_BUSY;
    *handle = added;
    return POSTERN_OK;
}

postern_rc verify_update(const postern_host* host, std::uint64_t handle, postern_bytes data) {
    const auto verification = HostHandle::of(host).verifications.find(handle);
    return verification ? verification->update(view_of(data)) : POSTERN_E_STALE;
}

postern_rc verify_finish(const postern_host* host, std::uint64_t handle, postern_bytes signature) {
    const auto verification = HostHandle::of(host).verifications.take(handle);
    return verification ? verification->finish(view_of(signature)) : POSTERN_E_STALE;
}

postern_rc random(const postern_host*, std::uint8_t* out, std::size_t size) {
    constexpr std::size_t kMaxRandom = 1024 * 1024;
    if (out == nullptr || size > kMaxRandom) return POSTERN_E_INVALID;
    return gnutls_rnd(GNUTLS_RND_RANDOM, out, size) == 0 ? POSTERN_OK : POSTERN_E_INTERNAL;
}

}  // namespace

Verifications::Verifications() = default;
Verifications::~Verifications() = default;

std::uint64_t Verifications::add(std::shared_ptr<Verification> verification) {
    const std::lock_guard lock(mutex_);
    if (all_.size() >= kMax) return 0;
    all_.emplace(++last_, std::move(verification));
    return last_;
}

std::shared_ptr<Verification> Verifications::find(std::uint64_t handle) {
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(handle);
    return found == all_.end() ? nullptr : found->second;
}

std::shared_ptr<Verification> Verifications::take(std::uint64_t handle) {
    const std::lock_guard lock(mutex_);
    auto node = all_.extract(handle);
    return node.empty() ? nullptr : std::move(node.mapped());
}

const postern_crypto* crypto_service() {
    static const postern_crypto table{sizeof(postern_crypto), 0,
                                      guarded<digest>,        guarded<verify_begin>,
                                      guarded<verify_update>, guarded<verify_finish>,
                                      guarded<random>};
    return &table;
}

}  // namespace postern::plugin
