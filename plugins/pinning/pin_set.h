#pragma once

#include <vector>

#include "postern/plugin.hpp"

namespace postern::pinning {

// What is held: digests of whole certificates and of public keys. A certificate gives both. Filled,
// then sealed; immutable afterwards and read from every thread.
class PinSet {
public:
    void add_certificate(const sdk::Certificate& certificate);
    void add_key(const sdk::Sha256& spki_digest) { keys_.push_back(spki_digest); }
    void add(const PinSet& other);
    void seal();  // sorts, and drops what is held twice

    [[nodiscard]] bool holds_certificate(sdk::Bytes digest) const;
    [[nodiscard]] bool holds_key(sdk::Bytes spki_digest) const;

    [[nodiscard]] const std::vector<sdk::Sha256>& certificates() const { return certificates_; }
    [[nodiscard]] const std::vector<sdk::Sha256>& keys() const { return keys_; }
    [[nodiscard]] bool empty() const { return certificates_.empty() && keys_.empty(); }

    friend bool operator==(const PinSet& a, const PinSet& b) {
        return a.certificates_ == b.certificates_ && a.keys_ == b.keys_;
    }

private:
    std::vector<sdk::Sha256> certificates_;
    std::vector<sdk::Sha256> keys_;
};

}  // namespace postern::pinning
