#include <algorithm>

#include "core/config/readers.h"

namespace postern::config {
namespace {

constexpr std::uint64_t kLongestTicketLifetime = std::uint64_t{7} * 86400 * kSecond;

bool is_pkcs12(std::string_view file) {
    return file.ends_with(".p12") || file.ends_with(".pfx");
}

bool is_file(TableReader& table, std::string_view key) {
    const Node* node = table.node().member(key);
    const std::optional<std::string_view> text = node == nullptr ? std::nullopt : node->as_string();
    if (!text || !text->starts_with("pkcs11:")) return true;
    table.refuse(key, "a pkcs11: URI " + std::string(kNotYet) + "; name a file");
    return false;
}

void read_certificate(TableReader& table, Certificate& out) {
    out.position = table.node().position();
    if (!read_key_pair(table, out.certificate, out.private_key, out.password_file)) return;
    if (table.missing("certificate")) {
        table.fail("certificate", "is missing; name a PEM chain, or a .p12 or .pfx file");
    }
}

void read_certificates(TableReader& table, Tls& out) {
    const bool several = table.has("certificates");
    if (!several || table.has("certificate") || table.has("private_key")) {
        read_certificate(table, out.certificates.emplace_back());
    } else if (table.has("password_file")) {
        table.fail("password_file",
                   "has no meaning without certificate; it belongs into "
                   "[[listener.tls.certificates]]");
    }
    for (const Node::Shared& node : table.tables("certificates")) {
        TableReader reader(table.reading(), *node);
        Certificate& certificate = out.certificates.emplace_back();
        read_certificate(reader, certificate);
        reader.strings("server_names", certificate.server_names);
    }
    if (several && table.missing("certificates")) {
        table.fail("certificates", "is empty; a listener with TLS needs a certificate");
    }
}

}  // namespace

bool read_key_pair(TableReader& table, std::string& certificate, std::string& private_key,
                   std::string& password_file) {
    const bool certificate_is_file = is_file(table, "certificate");
    const bool key_is_file = is_file(table, "private_key");
    if (!certificate_is_file || !key_is_file) return false;
    table.path("certificate", certificate);
    table.path("private_key", private_key);
    table.path("password_file", password_file);
    if (certificate.empty()) return true;
    if (table.missing("private_key") && !is_pkcs12(certificate)) {
        table.fail("private_key", "is missing; name the PEM file with the certificate's key");
    } else if (!private_key.empty() && is_pkcs12(certificate)) {
        table.fail("private_key", "has no meaning with a .p12 or .pfx file, which holds the key");
    }
    return true;
}

bool pins(const std::vector<PipelineEntry>& pipeline) {
    return std::any_of(pipeline.begin(), pipeline.end(), [](const PipelineEntry& entry) {
        return entry.short_name == "pinning" && entry.mode == Mode::enforce;
    });
}

void read_tls(TableReader table, Tls& out) {
    out.position = table.node().position();
    read_certificates(table, out);
    table.word("client_certificate", kClientCertificates, out.client_certificate);
    table.paths("client_ca", out.client_ca);
    table.word("trust", kTrusts, out.trust);
    std::string_view policy = out.policy;
    table.word("policy", kTlsPolicies, policy);
    out.policy = std::string(policy);
    table.boolean("session_tickets", out.session_tickets);
    table.duration("ticket_lifetime", out.ticket_lifetime_ns, kSecond, kLongestTicketLifetime);
    table.only("ticket_key_file", "");
}

void check_trust(TableReader tls_table, const Listener& listener) {
    const Tls& tls = listener.tls;
    if (tls.trust == Trust::pin) {
        if (pins(listener.pipeline)) return;
        tls_table.fail("trust",
                       "\"pin\" needs the plugin \"pinning\" in this listener's pipeline, with "
                       "mode = \"enforce\"; without it nothing would tell clients apart");
        return;
    }
    if (tls.client_certificate == ClientCertificate::none || !tls.client_ca.empty()) return;
    if (!tls_table.missing("client_ca")) return;  // what is wrong with it is reported already
    tls_table.fail("client_ca",
                   "is missing; client certificates are asked for, so name the authorities that "
                   "issue them (or set client_certificate = \"none\", or trust = \"pin\" with the "
                   "plugin \"pinning\")");
}

}  // namespace postern::config
