#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::tls {

struct Extension {
    std::string oid;  // dotted
    Bytes value;
    bool critical = false;
};

// One certificate: its DER and what was read from it, once. A parsed gnutls_x509_crt_t is 17.7 KB;
// this is about as long as the certificate. Numbers are those of the SDK's service/x509.h.
struct Certificate {
    Bytes der;
    Bytes subject;  // DER Name
    Bytes issuer;
    Bytes serial;  // content octets
    Bytes spki;
    Bytes subject_key_id;
    Bytes authority_key_id;
    std::string subject_text;  // RFC 4514
    std::string issuer_text;
    std::string signature_oid;
    std::string curve_oid;
    std::vector<std::string> common_names;
    std::vector<std::string> san_dns;
    std::vector<Bytes> san_ip;
    std::vector<std::string> san_email;
    std::vector<std::string> san_uri;
    std::vector<Bytes> san_other;
    std::vector<std::string> extended_key_usage;
    std::vector<std::string> crl_uris;
    std::vector<std::string> ocsp_uris;
    std::vector<std::string> ca_issuers_uris;
    std::vector<Extension> extensions;  // in order
    Digest256 sha256{};
    Digest256 spki_sha256{};
    std::int64_t not_before = 0;
    std::int64_t not_after = 0;
    std::int64_t version = 0;
    std::int64_t key_type = 0;
    std::int64_t key_bits = 0;
    std::int64_t signature_hash = 0;
    std::int64_t is_ca = -1;
    std::int64_t path_length = -1;
    std::int64_t key_usage = -1;
};

[[nodiscard]] Result<Certificate> parse_certificate(ByteView der);

class Chain;
using ChainRef = boost::intrusive_ptr<const Chain>;

// An immutable list of certificates, leaf first; shared by everything that looks at the same one:
// as long as a chain lives, from_der of the same bytes gives it again without parsing.
// The SDK's opaque postern_chain is this class. Any thread.
class Chain {
public:
    // The error names the position of the certificate that cannot be read.
    [[nodiscard]] static Result<ChainRef> from_der(const std::vector<ByteView>& certificates);
    [[nodiscard]] static ChainRef from_certificates(std::vector<Certificate> certificates);
    [[nodiscard]] static ChainRef empty();

    [[nodiscard]] const std::vector<Certificate>& certificates() const { return certificates_; }
    [[nodiscard]] std::size_t size() const { return certificates_.size(); }
    [[nodiscard]] const Certificate& leaf() const { return certificates_.front(); }
    [[nodiscard]] const Digest256& digest() const { return digest_; }  // over every DER, in order

private:
    explicit Chain(std::vector<Certificate> certificates);
    ~Chain();
    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;
    [[nodiscard]] bool revive() const;  // takes a reference unless the last one is gone

    friend class ChainRegistry;
    friend void intrusive_ptr_add_ref(const Chain* chain) {
        chain->references_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(const Chain* chain) {
        if (chain->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete chain;
    }

    std::vector<Certificate> certificates_;
    Digest256 digest_{};
    mutable std::atomic<std::uint32_t> references_{0};
};

// PEM (any number) or DER (one). `what` names the file in errors.
[[nodiscard]] Result<ChainRef> import_certificates(ByteView pem_or_der, const std::string& what);

}  // namespace postern::tls
