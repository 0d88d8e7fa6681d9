#include "peer.h"

#include "subject.h"

namespace postern::validator {

namespace {

// Names of one certificate that are looked at; more are nobody's honest work.
constexpr std::size_t kMaxNames = 256;

std::vector<std::string> names(const sdk::Certificate& leaf, std::uint32_t kind) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < leaf.name_count(kind) && i < kMaxNames; ++i) {
        out.emplace_back(leaf.name(kind, i).characters());
    }
    return out;
}

void add_keys(std::vector<std::string>& out, const char* kind,
              const std::vector<std::string>& names) {
    for (const std::string& name : names) out.push_back(kind + name);
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string mailbox_key(std::string_view mailbox) {
    const std::size_t at = mailbox.rfind('@');
    if (at == std::string_view::npos) return std::string(mailbox);
    return std::string(mailbox.substr(0, at)) + lower_case(mailbox.substr(at));
}

std::vector<std::string> Peer::keys() const {
    if (!present) return {"anonymous"};
    std::vector<std::string> out{"*", "key:" + key, "certificate:" + certificate};
    add_keys(out, "uri:", uris);
    add_keys(out, "dns:", dns_names);
    add_keys(out, "email:", mailboxes);
    if (!subject.empty()) out.push_back("dn:" + join_subject(subject));
    return out;
}

std::string Peer::name() const {
    if (!present) return "a caller without a certificate";
    if (!uris.empty()) return "uri:" + uris.front();
    if (!dns_names.empty()) return "dns:" + dns_names.front();
    if (!mailboxes.empty()) return "email:" + mailboxes.front();
    if (!subject.empty()) return "dn:" + join_subject(subject);
    return "key:" + key;
}

Peer read_peer(sdk::Chain chain, bool verified) {
    Peer out;
    if (chain.empty()) return out;
    const sdk::Certificate leaf = chain.leaf();
    out.present = true;
    out.verified = verified;
    out.key = sdk::hex(leaf.spki_sha256());
    out.certificate = sdk::hex(leaf.sha256());
    if (!verified) return out;
    out.uris = names(leaf, POSTERN_X_SAN_URI);
    for (const std::string& name : names(leaf, POSTERN_X_SAN_DNS)) {
        out.dns_names.push_back(lower_case(name));
    }
    for (const std::string& name : names(leaf, POSTERN_X_SAN_EMAIL)) {
        out.mailboxes.push_back(mailbox_key(name));
    }
    out.subject = split_subject(leaf.subject_text());
    out.issuer = split_subject(leaf.issuer_text());
    for (std::size_t i = 1; i < chain.size(); ++i) {
        out.issuer_keys.push_back(sdk::hex(chain[i].spki_sha256()));
    }
    return out;
}

}  // namespace postern::validator
