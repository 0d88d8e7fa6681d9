// SPDX-License-Identifier: Apache-2.0
//
// x509.hpp - certificates and chains. A Chain views what the host shows during a hook; a ChainRef
// keeps one beyond it.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "../call.h"
#include "../service/x509.h"
#include "host.hpp"

namespace postern::sdk {

struct Extension {
    Bytes value;
    bool critical = false;
};

// One of a chain; views what the chain owns.
class Certificate {
public:
    Certificate(const postern_x509* x509, const postern_chain* chain, std::size_t index) noexcept
        : x509_(x509), chain_(chain), index_(index) {}

    Bytes der() const noexcept { return x509_->der(chain_, index_); }
    // POSTERN_X_*; empty if absent.
    Bytes field(std::uint32_t field) const noexcept { return x509_->field(chain_, index_, field); }
    Bytes subject() const noexcept { return field(POSTERN_X_SUBJECT); }
    Bytes issuer() const noexcept { return field(POSTERN_X_ISSUER); }
    Bytes serial() const noexcept { return field(POSTERN_X_SERIAL); }
    Bytes spki() const noexcept { return field(POSTERN_X_SPKI); }
    Bytes sha256() const noexcept { return field(POSTERN_X_SHA256); }
    Bytes spki_sha256() const noexcept { return field(POSTERN_X_SPKI_SHA256); }
    std::string_view subject_text() const noexcept {
        return field(POSTERN_X_SUBJECT_TEXT).characters();
    }
    std::string_view issuer_text() const noexcept {
        return field(POSTERN_X_ISSUER_TEXT).characters();
    }

    std::optional<std::int64_t> number(std::uint32_t field) const noexcept {
        std::int64_t out = 0;
        if (x509_->number(chain_, index_, field, &out) != POSTERN_OK) return std::nullopt;
        return out;
    }

    std::size_t name_count(std::uint32_t kind) const noexcept {
        return x509_->name_count(chain_, index_, kind);
    }
    Bytes name(std::uint32_t kind, std::size_t index) const noexcept {
        return x509_->name(chain_, index_, kind, index);
    }
    std::vector<Bytes> names(std::uint32_t kind) const {
        std::vector<Bytes> out;
        for (std::size_t i = 0; i < name_count(kind); ++i) out.push_back(name(kind, i));
        return out;
    }

    // The first with this dotted id.
    std::optional<Extension> extension(const char* oid) const noexcept {
        postern_bytes value{};
        std::uint32_t critical = 0;
        if (x509_->extension(chain_, index_, oid, &value, &critical) != POSTERN_OK) {
            return std::nullopt;
        }
        return Extension{value, critical != 0};
    }

private:
    const postern_x509* x509_;
    const postern_chain* chain_;
    std::size_t index_;
};

class Chain {
public:
    Chain(const postern_x509* x509, const postern_chain* chain) noexcept
        : x509_(x509), chain_(chain), size_(chain == nullptr ? 0 : x509->count(chain)) {}

    const postern_chain* raw() const noexcept { return chain_; }
    std::size_t size() const noexcept { return size_; }  // 0 for none
    bool empty() const noexcept { return size_ == 0; }
    // Certificate 0 is the leaf. Beyond the end, every field is empty.
    Certificate operator[](std::size_t index) const noexcept {
        return Certificate(x509_, chain_, index);
    }
    Certificate leaf() const noexcept { return (*this)[0]; }

private:
    const postern_x509* x509_;
    const postern_chain* chain_;
    std::size_t size_;
};

// Owns one reference; empty if it holds none. [any]
class ChainRef {
public:
    ChainRef() noexcept = default;
    // Adopts a reference that the caller owns.
    ChainRef(const postern_x509* x509, const postern_chain* chain) noexcept
        : x509_(x509), chain_(chain) {}
    ChainRef(const ChainRef& other) noexcept
        : x509_(other.x509_),
          chain_(other.chain_ == nullptr ? nullptr : other.x509_->ref(other.chain_)) {}
    ChainRef(ChainRef&& other) noexcept
        : x509_(other.x509_), chain_(std::exchange(other.chain_, nullptr)) {}
    ChainRef& operator=(ChainRef other) noexcept {
        std::swap(x509_, other.x509_);
        std::swap(chain_, other.chain_);
        return *this;
    }
    ~ChainRef() {
        if (chain_ != nullptr) x509_->unref(chain_);
    }

    explicit operator bool() const noexcept { return chain_ != nullptr; }
    const postern_chain* raw() const noexcept { return chain_; }
    Chain chain() const noexcept { return Chain(x509_, chain_); }

private:
    const postern_x509* x509_ = nullptr;
    const postern_chain* chain_ = nullptr;
};

class X509 : public Service<postern_x509> {  // [any]
public:
    static constexpr const char* kId = POSTERN_SERVICE_X509;

    explicit X509(Host host) noexcept : Service(host, kId) {}

    // NULL is an empty chain.
    Chain chain(const postern_chain* chain) const { return Chain(&required(), chain); }
    ChainRef keep(const postern_chain* chain) const {
        return ChainRef(&required(), chain == nullptr ? nullptr : required().ref(chain));
    }
    // Out of PEM (any number of certificates) or DER (one). E_INVALID, E_DENIED: see x509.h.
    postern_rc import_certificates(Bytes pem_or_der, ChainRef& out) const {
        const postern_chain* chain = nullptr;
        const postern_rc rc = required().import_certificates(raw(), pem_or_der, &chain);
        if (rc == POSTERN_OK) out = ChainRef(table(), chain);
        return rc;
    }
};

}  // namespace postern::sdk
