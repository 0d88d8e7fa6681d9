// SPDX-License-Identifier: Apache-2.0
#include "crl_set.h"

#include <algorithm>
#include <utility>

namespace postern::revocation {
namespace {

bool same_line(const CrlFacts& a, const CrlFacts& b) {
    return a.authority_key_id == b.authority_key_id && a.scope == b.scope;
}

// cRLNumber rises with each CRL of a line (RFC 5280, 5.2.3); without it the date has to do.
bool newer(const CrlRef& a, const CrlRef& b) {
    const CrlFacts& x = a->facts();
    const CrlFacts& y = b->facts();
    if (!x.number.empty() && !y.number.empty() && x.number != y.number) {
        if (x.number.size() != y.number.size()) return x.number.size() > y.number.size();
        return x.number > y.number;
    }
    return x.this_update > y.this_update;
}

}  // namespace

CrlSet::CrlSet(std::vector<CrlRef> crls) : all_(std::move(crls)) {
    for (const CrlRef& crl : all_) {
        auto& lines = by_issuer_[std::string(Bytes(crl->facts().issuer).characters())];
        const auto line = std::find_if(lines.begin(), lines.end(), [&](const Line& each) {
            return same_line(each.front()->facts(), crl->facts());
        });
        if (line == lines.end()) {
            lines.push_back({crl});
        } else {
            line->insert(std::upper_bound(line->begin(), line->end(), crl, newer), crl);
        }
    }
}

const std::vector<CrlSet::Line>& CrlSet::of_issuer(Bytes name) const {
    static const std::vector<Line> kNone;
    const auto found = by_issuer_.find(name.characters());
    return found == by_issuer_.end() ? kNone : found->second;
}

}  // namespace postern::revocation
