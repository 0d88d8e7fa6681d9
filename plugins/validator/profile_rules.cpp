#include "profile_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace postern::validator {

namespace {

constexpr const char* kBasicConstraints = "2.5.29.19";
// Real certificates have a dozen; finding each is linear in their number.
constexpr std::size_t kMaxExtensions = 64;
constexpr std::string_view kServerAuth = "1.3.6.1.5.5.7.3.1";
constexpr std::string_view kClientAuth = "1.3.6.1.5.5.7.3.2";
constexpr std::string_view kAnyPurpose = "2.5.29.37.0";

// keyUsage, subjectAltName, basicConstraints, cRLDistributionPoints, certificatePolicies,
// extKeyUsage. Policies constrain nothing while every policy is accepted.
constexpr std::array<std::string_view, 6> kCriticalInLeaf = {"2.5.29.15", "2.5.29.17", "2.5.29.19",
                                                             "2.5.29.31", "2.5.29.32", "2.5.29.37"};
// nameConstraints; GnuTLS applies them.
constexpr std::string_view kNameConstraints = "2.5.29.30";
// policyMappings, policyConstraints, inhibitAnyPolicy: nobody here processes policies, so a chain
// that depends on them cannot be judged, critical or not.
constexpr std::array<std::string_view, 3> kPolicyProcessing = {"2.5.29.33", "2.5.29.36",
                                                               "2.5.29.54"};

bool is_processed(Role role, std::string_view id) {
    if (role == Role::intermediate && id == kNameConstraints) return true;
    return std::find(kCriticalInLeaf.begin(), kCriticalInLeaf.end(), id) != kCriticalInLeaf.end();
}

Finding profile(const Examined& examined, const std::string& what) {
    return examined.refuse(POSTERN_REASON_PROFILE_VIOLATION, what);
}

// RFC 5280 4.1.2.2: "The serial number MUST be a positive integer […] Conforming CAs MUST NOT use
// serialNumber values longer than 20 octets." Zero is not positive.
Finding check_serial(const Examined& examined) {
    const sdk::Bytes serial = examined.certificate().serial();
    if (serial.empty()) return profile(examined, "has no serial number");
    if (serial.size() > 20) {
        return profile(examined, "has a serial number of " + std::to_string(serial.size()) +
                                     " octets; 20 are the most");
    }
    if ((serial[0] & 0x80u) != 0) return profile(examined, "has a negative serial number");
    const auto is_zero = [](std::uint8_t octet) { return octet == 0; };
    if (std::all_of(serial.begin(), serial.end(), is_zero)) {
        return profile(examined, "has the serial number zero");
    }
    return {};
}

// RFC 5280 4.2: "A certificate MUST NOT include more than one instance of a particular extension",
// and one that is critical and not processed MUST lead to refusal.
Finding check_extensions(const Examined& examined) {
    const std::vector<sdk::Bytes> names = examined.certificate().names(POSTERN_X_EXTENSION);
    if (names.size() > kMaxExtensions) {
        return profile(examined, "has " + std::to_string(names.size()) + " extensions; " +
                                     std::to_string(kMaxExtensions) + " are the most");
    }
    std::set<std::string_view> seen;
    for (const sdk::Bytes& name : names) {
        const std::string id(name.characters());
        if (!seen.insert(name.characters()).second) {
            return profile(examined, "has the extension " + id + " more than once");
        }
        if (std::find(kPolicyProcessing.begin(), kPolicyProcessing.end(), id) !=
            kPolicyProcessing.end()) {
            return profile(examined, "has the extension " + id +
                                         " (certificate policy processing), which this gate does "
                                         "not do");
        }
        // RFC 5280 4.2.1.10: it "MUST be used only in a CA certificate".
        if (examined.role() == Role::leaf && id == kNameConstraints) {
            return profile(examined, "has name constraints, which only authorities may have");
        }
        const std::optional<sdk::Extension> extension =
            examined.certificate().extension(id.c_str());
        if (!extension) throw sdk::Error(POSTERN_E_INTERNAL, "extension " + id + " went missing");
        if (extension->critical && !is_processed(examined.role(), id)) {
            return profile(examined, "marks the extension " + id +
                                         " critical, which this gate does not "
                                         "process there");
        }
    }
    return {};
}

// RFC 5280 4.2.1.12; anyExtendedKeyUsage does not say what the certificate is for.
Finding check_purpose(const Settings& settings, const Examined& leaf, Side side) {
    const std::string_view wanted = side == Side::client ? kClientAuth : kServerAuth;
    const std::string wanted_name = side == Side::client ? "clientAuth" : "serverAuth";
    const std::vector<sdk::Bytes> usages = leaf.certificate().names(POSTERN_X_EXTENDED_KEY_USAGE);
    if (usages.empty()) {
        if (!settings.require_purpose) return {};
        return profile(leaf, "has no extended key usage; " + wanted_name + " is required");
    }
    if (std::any_of(usages.begin(), usages.end(),
                    [](sdk::Bytes usage) { return usage.characters() == kAnyPurpose; })) {
        return profile(leaf, "is for any purpose at all (anyExtendedKeyUsage)");
    }
    const auto is_wanted = [wanted](sdk::Bytes usage) { return usage.characters() == wanted; };
    if (std::any_of(usages.begin(), usages.end(), is_wanted)) return {};
    std::string listed;
    for (const sdk::Bytes& usage : usages) {
        listed += (listed.empty() ? "" : ", ") + std::string(usage.characters());
    }
    return profile(leaf, "is not for " + wanted_name + "; its extended key usages are " + listed);
}

// -1 when the extension is absent.
bool has_usage(std::int64_t key_usage, std::uint32_t bit) {
    return key_usage >= 0 && (static_cast<std::uint64_t>(key_usage) & bit) != 0;
}

}  // namespace

Finding check_form(const Examined& examined) {
    const std::int64_t version = examined.number(POSTERN_X_VERSION);
    if (version != 3) {
        return profile(examined,
                       "is of X.509 version " + std::to_string(version) + "; 3 is required");
    }
    if (Finding finding = check_serial(examined)) return finding;
    // RFC 5280 4.1.2.4: "The issuer field MUST contain a non-empty distinguished name".
    if (examined.certificate().field(POSTERN_X_ISSUER_TEXT).empty()) {
        return profile(examined, "names no issuer");
    }
    return check_extensions(examined);
}

Finding check_leaf_profile(const Settings& settings, const Examined& leaf, Side side) {
    if (leaf.number(POSTERN_X_IS_CA) == 1) {
        return profile(leaf, "is a certificate authority; a peer's own certificate must not be");
    }
    const std::int64_t usage = leaf.number(POSTERN_X_KEY_USAGE);
    if (has_usage(usage, POSTERN_KEY_USAGE_CERT_SIGN)) {
        return profile(leaf, "has the key usage keyCertSign without being an authority");
    }
    if (usage >= 0 && !has_usage(usage, POSTERN_KEY_USAGE_DIGITAL_SIGNATURE)) {
        return profile(leaf, "has a key usage without digitalSignature, which TLS needs");
    }
    if (Finding finding = check_purpose(settings, leaf, side)) return finding;
    // From the first to the last second, both counted by RFC 5280; a limit of 90 days means what a
    // CA's 90 days mean.
    const std::int64_t lifetime =
        leaf.number(POSTERN_X_NOT_AFTER) - leaf.number(POSTERN_X_NOT_BEFORE);
    if (settings.max_validity > 0 && lifetime > settings.max_validity) {
        return leaf.refuse(POSTERN_REASON_VALIDITY_TOO_LONG,
                           "is valid for " + std::to_string(lifetime) + " seconds; at most " +
                               std::to_string(settings.max_validity) + " are allowed");
    }
    for (const std::string& oid : settings.required_extensions) {
        if (!leaf.certificate().extension(oid.c_str())) {
            return profile(leaf, "lacks the extension " + oid + ", which is required");
        }
    }
    return {};
}

Finding check_skew(const Settings& settings, const Examined& examined, std::int64_t now) {
    if (settings.clock_skew == 0) return {};
    const std::string margin = std::to_string(settings.clock_skew) + " seconds of clock_skew";
    if (examined.number(POSTERN_X_NOT_BEFORE) > now - settings.clock_skew) {
        return examined.refuse(POSTERN_REASON_CERTIFICATE_NOT_YET_VALID,
                               "has been valid for less than the " + margin);
    }
    if (examined.number(POSTERN_X_NOT_AFTER) < now + settings.clock_skew) {
        return examined.refuse(POSTERN_REASON_CERTIFICATE_EXPIRED, "expires within the " + margin);
    }
    return {};
}

Finding check_intermediate_profile(const Examined& intermediate) {
    if (intermediate.number(POSTERN_X_IS_CA) != 1) {
        return profile(intermediate, "does not say in basicConstraints that it is an authority");
    }
    const std::optional<sdk::Extension> constraints =
        intermediate.certificate().extension(kBasicConstraints);
    if (!constraints || !constraints->critical) {
        return profile(intermediate, "does not mark basicConstraints critical");
    }
    if (!has_usage(intermediate.number(POSTERN_X_KEY_USAGE), POSTERN_KEY_USAGE_CERT_SIGN)) {
        return profile(intermediate, "lacks the key usage keyCertSign");
    }
    return {};
}

}  // namespace postern::validator
