#include "tests/unit/revocation/signing_crypto.h"

#include <gnutls/crypto.h>

#include <map>
#include <stdexcept>

namespace postern::revocation::test {
namespace {

using PublicKey = std::unique_ptr<gnutls_pubkey_st, decltype(&gnutls_pubkey_deinit)>;

struct Checking {
    Der spki;
    Der data;
};
std::map<std::uint64_t, Checking> checking;
std::uint64_t last_handle = 0;

gnutls_datum_t datum(const Der& bytes) {
    // GnuTLS takes inputs through pointers to mutable bytes, and leaves them alone.
    return {const_cast<unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

Der take(gnutls_datum_t& owned) {
    const Der out(owned.data, owned.data + owned.size);
    gnutls_free(owned.data);
    return out;
}

void require(int code) {
    if (code < 0) throw std::runtime_error(gnutls_strerror(code));
}

Der own(postern_bytes bytes) {
    return Der(bytes.data, bytes.data + bytes.size);
}

postern_rc digest(const postern_host*, std::uint32_t, postern_bytes data, std::uint8_t* out,
                  std::size_t* size) {
    *size = 32;
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, data.data, data.size, out) == 0 ? POSTERN_OK
                                                                               : POSTERN_E_INTERNAL;
}

postern_rc verify_begin(const postern_host*, postern_bytes spki, postern_bytes algorithm,
                        std::uint64_t* handle) {
    if (own(algorithm) != kEcdsaSha256) return POSTERN_E_UNSUPPORTED;
    *handle = ++last_handle;
    checking[*handle] = {own(spki), {}};
    return POSTERN_OK;
}

postern_rc verify_update(const postern_host*, std::uint64_t handle, postern_bytes data) {
    Der& all = checking.at(handle).data;
    all.insert(all.end(), data.data, data.data + data.size);
    return POSTERN_OK;
}

postern_rc verify_finish(const postern_host*, std::uint64_t handle, postern_bytes signature) {
    const Checking mine = checking.at(handle);
    checking.erase(handle);
    gnutls_pubkey_t raw = nullptr;
    require(gnutls_pubkey_init(&raw));
    const PublicKey key(raw, &gnutls_pubkey_deinit);
    const gnutls_datum_t spki = datum(mine.spki);
    if (gnutls_pubkey_import(raw, &spki, GNUTLS_X509_FMT_DER) < 0) return POSTERN_E_INVALID;
    const gnutls_datum_t data = datum(mine.data);
    const Der octets = own(signature);
    const gnutls_datum_t sig = datum(octets);
    return gnutls_pubkey_verify_data2(raw, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &sig) < 0
               ? POSTERN_E_INVALID
               : POSTERN_OK;
}

}  // namespace

SigningKey::SigningKey() : key_(nullptr, &gnutls_privkey_deinit) {
    gnutls_privkey_t raw = nullptr;
    require(gnutls_privkey_init(&raw));
    key_.reset(raw);
    require(gnutls_privkey_generate(raw, GNUTLS_PK_EC,
                                    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    gnutls_pubkey_t public_raw = nullptr;
    require(gnutls_pubkey_init(&public_raw));
    const PublicKey public_key(public_raw, &gnutls_pubkey_deinit);
    require(gnutls_pubkey_import_privkey(public_raw, raw, 0, 0));
    gnutls_datum_t der{};
    require(gnutls_pubkey_export2(public_raw, GNUTLS_X509_FMT_DER, &der));
    spki_ = take(der);
}

Der SigningKey::sign(const Der& data) const {
    const gnutls_datum_t input = datum(data);
    gnutls_datum_t signature{};
    require(gnutls_privkey_sign_data2(key_.get(), GNUTLS_SIGN_ECDSA_SHA256, 0, &input, &signature));
    return take(signature);
}

const postern_crypto* checking_crypto() {
    static const postern_crypto table{
        sizeof(postern_crypto), 0, &digest, &verify_begin, &verify_update, &verify_finish, nullptr};
    return &table;
}

std::size_t signatures_checked() {
    return last_handle;
}

}  // namespace postern::revocation::test
