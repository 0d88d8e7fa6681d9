#include "core/config/print.h"

#include "core/config/print_upstream.h"
#include "core/config/toml_text.h"
#include "core/config/words.h"

namespace postern::config {
namespace {

class Printer {
public:
    explicit Printer(const PolicyText& policy_text) : policy_text_(policy_text) {}

    std::string take() { return to_.take(); }

    void root(const Configuration& configuration) {
        to_.comment("The configuration in effect of " + configuration.file);
        to_.comment(
            "Paths in a plugin's own table are relative to the file that they were written in.");
        to_.string("state_directory", configuration.state_directory);
        to_.string("runtime_directory", configuration.runtime_directory);
        to_.string("contact", configuration.contact);
        to_.header("[plugins]");
        to_.string("directory", configuration.plugin_directory);
        to_.header("[logging]");
        to_.string("level", word_of(kLogLevels, configuration.logging.level));
        to_.string("format", word_of(kLogFormats, configuration.logging.format));
        to_.boolean("detailed_tls", configuration.logging.detailed_tls);
        to_.string("audit_file", configuration.logging.audit_file);
        to_.header("[shutdown]");
        to_.duration("drain_timeout", configuration.drain_timeout_ns);
        for (const Listener& each : configuration.listeners) listener(each);
    }

private:
    void listener(const Listener& listener) {
        to_.header("[[listener]]");
        to_.string("name", listener.name);
        if (listener.unix_path.empty()) {
            to_.string("host", listener.host);
            to_.integer("port", listener.port);
        } else {
            to_.string("host", "unix:" + listener.unix_path);
        }
        to_.boolean("use_tls", listener.use_tls);
        to_.line("allowed_hosts", toml_strings(listener.allowed_hosts));
        to_.line("allowed_origins", toml_strings(listener.allowed_origins));
        to_.integer("max_connections", listener.max_connections);
        to_.duration("handshake_timeout", listener.handshake_timeout_ns);
        to_.duration("header_timeout", listener.header_timeout_ns);
        to_.duration("idle_timeout", listener.idle_timeout_ns);
        to_.size("max_header", listener.max_header);
        to_.size("max_body", listener.max_body);
        if (listener.use_tls) tls(listener);
        print_pipeline(to_, "listener.pipeline", listener.pipeline);
        for (const Route& each : listener.routes) route(each);
    }

    void tls(const Listener& listener) {
        const Tls& tls = listener.tls;
        to_.header("[listener.tls]");
        to_.string("client_certificate", word_of(kClientCertificates, tls.client_certificate));
        to_.line("client_ca", toml_strings(tls.client_ca));
        to_.string("trust", word_of(kTrusts, tls.trust));
        to_.string("policy", tls.policy);
        to_.comment(policy_text_ ? policy_text_(listener) : std::string());
        to_.boolean("session_tickets", tls.session_tickets);
        to_.duration("ticket_lifetime", tls.ticket_lifetime_ns);
        for (const Certificate& each : tls.certificates) {
            to_.header("[[listener.tls.certificates]]");
            to_.string("certificate", each.certificate);
            if (!each.private_key.empty()) to_.string("private_key", each.private_key);
            to_.string("password_file", each.password_file);
            to_.line("server_names", toml_strings(each.server_names));
        }
    }

    void route(const Route& route) {
        to_.header("[[listener.route]]");
        to_.string("name", route.name);
        to_.string("host", route.host);
        to_.string("path", route.path);
        to_.duration("request_timeout", route.request_timeout_ns);
        std::vector<std::string> identity_headers;
        if (route.client_cert_headers) identity_headers.emplace_back("client-cert");
        if (route.x_client_headers) identity_headers.emplace_back("x-client");
        to_.line("identity_headers", toml_strings(identity_headers));
        switch (route.authorization.kind) {
            case Authorization::Kind::pass:
                to_.string("authorization", "pass");
                break;
            case Authorization::Kind::strip:
                to_.string("authorization", "strip");
                break;
            case Authorization::Kind::replace:
                to_.string("authorization", route.authorization.file);
        }
        to_.string("bound_tokens", word_of(kBoundTokens, route.bound_tokens));
        print_upstream(to_, route.upstream);
    }

    const PolicyText& policy_text_;
    TomlWriter to_;
};

}  // namespace

std::string print(const Configuration& configuration, const PolicyText& policy_text) {
    Printer printer(policy_text);
    printer.root(configuration);
    return printer.take();
}

}  // namespace postern::config
