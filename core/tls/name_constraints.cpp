#include "core/tls/name_constraints.h"

#include <functional>

#include "core/tls/der.h"
#include "core/tls/general_subtree.h"

namespace postern::tls {
namespace {

constexpr std::string_view kNameConstraints = "2.5.29.30";
constexpr std::string_view kEmailAddress = "1.2.840.113549.1.9.1";
// Names times subtrees of one chain. A hundred names under a hundred constraints are 10,000.
constexpr std::size_t kMaxComparisons = 1u << 18;

const Extension* find_constraints(const Certificate& certificate) {
    for (const Extension& extension : certificate.extensions)
        if (extension.oid == kNameConstraints) return &extension;
    return nullptr;
}

struct Name {
    std::uint8_t tag;
    ByteView content;
};

// The names of the kind that the constraints are about, the subject among them.
std::vector<Name> names_of(const Certificate& certificate) {
    std::vector<Name> names;
    for (const std::string& name : certificate.san_email)
        names.push_back({der_context(1), as_bytes(name)});
    for (const std::string& name : certificate.san_dns)
        names.push_back({der_context(2), as_bytes(name)});
    for (const std::string& name : certificate.san_uri)
        names.push_back({der_context(6), as_bytes(name)});
    for (const Bytes& name : certificate.san_ip) names.push_back({der_context(7), name});
    for (const Bytes& name : certificate.san_other) {
        const auto element = DerReader(name).next();
        if (element) names.push_back({element->tag, element->content});
    }
    const auto subject = der_single(certificate.subject, kDerSequence);
    if (subject && !subject->content.empty())
        names.push_back({der_context_constructed(4), certificate.subject});
    return names;
}

// "When a certificate … contains an emailAddress attribute in the subject but no subject
// alternative name, the constraint MUST be applied to it."
void add_subject_mailboxes(const Certificate& certificate, std::vector<Name>& names) {
    for (const Extension& extension : certificate.extensions)
        if (extension.oid == "2.5.29.17") return;
    const auto subject = der_single(certificate.subject, kDerSequence);
    DerReader rdns(subject ? subject->content : ByteView());
    while (const auto rdn = rdns.next()) {
        DerReader attributes(rdn->content);
        while (const auto attribute = attributes.next(kDerSequence)) {
            DerReader fields(attribute->content);
            const auto type = fields.next(kDerOid);
            const auto value = fields.next();
            if (type && value && der_oid_text(type->content) == kEmailAddress)
                names.push_back({der_context(1), value->content});
        }
    }
}

enum class Asked : bool { whole, part };

Within compare(const Name& name, const GeneralSubtree& base, Asked asked) {
    const std::string_view text = as_text(name.content);
    const std::string_view tree = as_text(base.content);
    switch (name.tag) {
        case der_context(1):
            return mailbox_within(text, tree);
        case der_context(2):
            return asked == Asked::part ? dns_touches(text, tree) : dns_within(text, tree);
        case der_context(6):
            return uri_within(text, tree);
        case der_context(7):
            return address_within(name.content, base.content);
        case der_context_constructed(4): {
            const auto own = der_single(name.content, kDerSequence);
            const auto wanted = der_single(base.content, kDerSequence);
            if (!own || !wanted) return Within::unclear;
            return directory_name_within(own->content, wanted->content);
        }
        default:
            return Within::unclear;
    }
}

std::string shown(const Name& name, const Certificate& certificate) {
    switch (name.tag) {
        case der_context(1):
            return "e-mail address \"" + std::string(as_text(name.content)) + "\"";
        case der_context(2):
            return "DNS name \"" + std::string(as_text(name.content)) + "\"";
        case der_context(6):
            return "URI \"" + std::string(as_text(name.content)) + "\"";
        case der_context(7):
            return "IP address " + to_hex(name.content);
        case der_context_constructed(4):
            return "subject \"" + certificate.subject_text + "\"";
        default:
            return "name of a kind that nobody compares";
    }
}

Error refused(const std::string& what) {
    return {Fault::refused, what};
}

std::string quoted(const Certificate& certificate) {
    return "\"" + certificate.subject_text + "\"";
}

class Check {
public:
    [[nodiscard]] Result<void> apply(const Certificate& authority,
                                     const NameConstraints& constraints,
                                     const Certificate& certificate) {
        std::vector<Name> names = names_of(certificate);
        add_subject_mailboxes(certificate, names);
        const std::size_t subtrees = constraints.permitted.size() + constraints.excluded.size();
        compared_ += names.size() * subtrees;
        if (compared_ > kMaxComparisons)
            return refused("the constraints of " + quoted(authority) + " and the names of " +
                           quoted(certificate) + " are more than are compared");
        for (const Name& name : names) {
            if (is_excluded(name, constraints))
                return refused(quoted(authority) + " may not issue for the " +
                               shown(name, certificate));
            if (!is_permitted(name, constraints))
                return refused(quoted(authority) + " may issue for other names only than the " +
                               shown(name, certificate));
        }
        return {};
    }

private:
    static bool is_excluded(const Name& name, const NameConstraints& constraints) {
        for (const GeneralSubtree& base : constraints.excluded)
            if (base.tag == name.tag && compare(name, base, Asked::part) != Within::no) return true;
        return false;
    }
    static bool is_permitted(const Name& name, const NameConstraints& constraints) {
        bool constrained = false;
        for (const GeneralSubtree& base : constraints.permitted) {
            if (base.tag != name.tag) continue;
            constrained = true;
            if (compare(name, base, Asked::whole) == Within::yes) return true;
        }
        return !constrained;
    }

    std::size_t compared_ = 0;
};

}  // namespace

Result<void> check_name_constraints(const Chain& verified) {
    const auto& certificates = verified.certificates();
    Check check;
    for (std::size_t i = certificates.size(); i-- > 1;) {
        const Extension* extension = find_constraints(certificates[i]);
        if (extension == nullptr) continue;
        const auto constraints = read_name_constraints(extension->value);
        if (!constraints)
            return refused("the name constraints of " + quoted(certificates[i]) +
                           " are malformed, or more than are compared");
        for (std::size_t below = 0; below < i; ++below) {
            // RFC 5280 6.1.3 (b): not to self-issued certificates on the way.
            const bool self_issued = certificates[below].subject == certificates[below].issuer;
            if (below > 0 && self_issued) continue;
            if (auto good = check.apply(certificates[i], *constraints, certificates[below]); !good)
                return good;
        }
    }
    return {};
}

Result<void> check_constraints_presented(const Chain& presented) {
    std::size_t subtrees = 0;
    for (const Certificate& certificate : presented.certificates()) {
        const Extension* extension = find_constraints(certificate);
        if (extension == nullptr) continue;
        const auto constraints = read_name_constraints(extension->value);
        if (!constraints)
            return refused("the name constraints of " + quoted(certificate) +
                           " are malformed, or more than are compared");
        subtrees += constraints->permitted.size() + constraints->excluded.size();
    }
    if (subtrees == 0) return {};
    std::size_t names = 0;
    for (const Certificate& certificate : presented.certificates())
        names += names_of(certificate).size();
    if (names * subtrees <= kMaxComparisons) return {};
    return refused(std::to_string(names) + " names and " + std::to_string(subtrees) +
                   " name constraints were presented, more than are compared");
}

}  // namespace postern::tls
