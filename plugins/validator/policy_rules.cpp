#include "policy_rules.h"

#include <algorithm>
#include <string>
#include <vector>

namespace postern::validator {

namespace {

constexpr const char* kCertificatePolicies = "2.5.29.32";
constexpr std::string_view kAnyPolicy = "2.5.29.32.0";
constexpr std::size_t kMaxPolicies = 64;

// Takes the element of this tag that `rest` begins with; nothing is DER if it does not.
std::optional<sdk::Bytes> take(sdk::Bytes& rest, std::uint8_t tag) {
    if (rest.size() < 2 || rest[0] != tag) return std::nullopt;
    std::size_t length = rest[1];
    std::size_t header = 2;
    if (length >= 0x80) {
        const std::size_t octets = length & 0x7f;
        if (octets == 0 || octets > 2 || rest.size() < 2 + octets) return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < octets; ++i) length = length << 8 | rest[2 + i];
        header += octets;
    }
    if (rest.size() - header < length) return std::nullopt;
    const sdk::Bytes content(rest.data() + header, length);
    rest = sdk::Bytes(rest.data() + header + length, rest.size() - header - length);
    return content;
}

// X.690 8.19; of as many arcs, and as high ones, as 64 bits hold.
std::optional<std::string> oid_text(sdk::Bytes content) {
    if (content.empty() || content.size() > 64) return std::nullopt;
    std::string text;
    std::uint64_t arc = 0;
    bool whole = true;
    for (const std::uint8_t octet : content) {
        if (arc >> 56 != 0) return std::nullopt;
        arc = arc << 7 | (octet & 0x7fu);
        whole = (octet & 0x80u) == 0;
        if (!whole) continue;
        if (text.empty()) {
            const std::uint64_t root = std::min<std::uint64_t>(arc / 40, 2);
            text = std::to_string(root) + "." + std::to_string(arc - 40 * root);
        } else {
            text += "." + std::to_string(arc);
        }
        arc = 0;
    }
    if (!whole) return std::nullopt;
    return text;
}

// RFC 5280 4.2.1.4; nothing where it is malformed, empty where it is absent.
std::optional<std::vector<std::string>> policies_of(const sdk::Certificate& certificate) {
    const auto extension = certificate.extension(kCertificatePolicies);
    if (!extension) return std::vector<std::string>();
    sdk::Bytes rest = extension->value;
    auto list = take(rest, 0x30);
    if (!list || !rest.empty()) return std::nullopt;
    std::vector<std::string> out;
    while (!list->empty() && out.size() < kMaxPolicies) {
        auto information = take(*list, 0x30);
        if (!information) return std::nullopt;
        const auto identifier = take(*information, 0x06);
        auto text = identifier ? oid_text(*identifier) : std::nullopt;
        if (!text) return std::nullopt;
        out.push_back(std::move(*text));
    }
    if (!list->empty()) return std::nullopt;
    return out;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

Finding check_policies(const Settings& settings, sdk::Chain chain, std::size_t without_anchor) {
    if (settings.required_policies.empty()) return {};
    std::vector<std::string> left = settings.required_policies;
    for (std::size_t i = 0; i < without_anchor; ++i) {
        const Examined examined(chain, i, i == 0 ? Role::leaf : Role::intermediate);
        const auto own = policies_of(examined.certificate());
        if (!own) {
            return examined.refuse(POSTERN_REASON_PROFILE_VIOLATION,
                                   "has malformed certificate policies");
        }
        // anyPolicy in the leaf says nothing of what the leaf is for.
        if (i > 0 && contains(*own, kAnyPolicy)) continue;
        left.erase(
            std::remove_if(left.begin(), left.end(),
                           [&](const std::string& policy) { return !contains(*own, policy); }),
            left.end());
        if (!left.empty()) continue;
        std::string wanted;
        for (const std::string& policy : settings.required_policies) {
            wanted += (wanted.empty() ? "" : ", ") + policy;
        }
        return examined.refuse(
            POSTERN_REASON_PROFILE_VIOLATION,
            "does not carry the certificate policy that is required; one of " + wanted + " is");
    }
    return {};
}

}  // namespace postern::validator
