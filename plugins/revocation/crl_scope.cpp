// SPDX-License-Identifier: Apache-2.0
#include "crl_scope.h"

#include <algorithm>

#include "der_values.h"
#include "malformed.h"

namespace postern::revocation {
namespace {

constexpr const char* kName = "issuingDistributionPoint";

Malformed refuse(std::uint64_t offset, const char* why) {
    return Malformed::at(offset, std::string(kName) + ": " + why);
}

std::vector<std::string> read_point(DerReader& point) {
    constexpr std::uint8_t kUri = tag::context(6);
    if (point.next_is(tag::context_constructed(1))) {
        throw refuse(point.offset(), "a name relative to the issuer is not supported");
    }
    DerReader names = point.enter(tag::context_constructed(0), "fullName");
    point.finish("distributionPoint");
    std::vector<std::string> uris;
    while (!names.at_end()) {
        if (names.next_is(kUri)) {
            uris.emplace_back(names.content(kUri, "fullName").characters());
        } else {
            (void)names.element(names.next_tag(), "fullName");
        }
    }
    if (uris.empty()) {
        throw refuse(names.offset(), "a point that is not named by URI is not supported");
    }
    // In one order, so that equal scopes compare equal.
    std::sort(uris.begin(), uris.end());
    return uris;
}

// A BOOLEAN DEFAULT FALSE; some issuers write the FALSE.
bool read_flag(DerReader& fields, unsigned number, const char* what) {
    if (!fields.next_is(tag::context(number))) return false;
    const std::uint64_t offset = fields.offset();
    return read_boolean(fields.content(tag::context(number), what), offset, what);
}

}  // namespace

CrlScope read_issuing_distribution_point(DerReader& value) {
    DerReader fields = value.enter(tag::kSequence, kName);
    value.finish(kName);
    if (fields.at_end()) throw refuse(fields.offset(), "empty");

    CrlScope scope;
    if (fields.next_is(tag::context_constructed(0))) {
        DerReader point = fields.enter(tag::context_constructed(0), "distributionPoint");
        scope.distribution_points = read_point(point);
    }
    const bool users = read_flag(fields, 1, "onlyContainsUserCerts");
    const bool authorities = read_flag(fields, 2, "onlyContainsCACerts");
    if (fields.next_is(tag::context(3))) {
        throw refuse(fields.offset(), "a CRL for some reasons only is not supported");
    }
    const std::uint64_t offset = fields.offset();
    if (read_flag(fields, 4, "indirectCRL")) {
        throw refuse(offset, "an indirect CRL is not supported");
    }
    if (read_flag(fields, 5, "onlyContainsAttributeCerts")) {
        throw refuse(offset, "a CRL of attribute certificates says nothing about these");
    }
    if (users && authorities) {
        throw refuse(offset, "limited to end entities and to authorities at once");
    }
    fields.finish(kName);
    if (users) scope.holders = Holders::EndEntities;
    if (authorities) scope.holders = Holders::Authorities;
    return scope;
}

}  // namespace postern::revocation
