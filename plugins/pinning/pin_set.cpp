#include "pin_set.h"

#include <algorithm>

namespace postern::pinning {

namespace {

// The host gives 32 octets or, for what it does not have, none.
sdk::Sha256 digest_of(sdk::Bytes digest) {
    sdk::Sha256 out{};
    if (digest.size() != out.size()) {
        throw sdk::Error(POSTERN_E_INTERNAL, "a certificate without its SHA-256");
    }
    std::copy(digest.begin(), digest.end(), out.begin());
    return out;
}

// Digests of what anyone may see: nothing here is secret, so the comparison need not hide anything.
bool holds(const std::vector<sdk::Sha256>& sorted, sdk::Bytes digest) {
    return std::binary_search(sorted.begin(), sorted.end(), digest_of(digest));
}

void sort_unique(std::vector<sdk::Sha256>& digests) {
    std::sort(digests.begin(), digests.end());
    digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
}

}  // namespace

void PinSet::add_certificate(const sdk::Certificate& certificate) {
    certificates_.push_back(digest_of(certificate.sha256()));
    keys_.push_back(digest_of(certificate.spki_sha256()));
}

void PinSet::add(const PinSet& other) {
    certificates_.insert(certificates_.end(), other.certificates_.begin(),
                         other.certificates_.end());
    keys_.insert(keys_.end(), other.keys_.begin(), other.keys_.end());
}

void PinSet::seal() {
    sort_unique(certificates_);
    sort_unique(keys_);
}

bool PinSet::holds_certificate(sdk::Bytes digest) const {
    return holds(certificates_, digest);
}

bool PinSet::holds_key(sdk::Bytes spki_digest) const {
    return holds(keys_, spki_digest);
}

}  // namespace postern::pinning
