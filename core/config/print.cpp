#include "core/config/print.h"

#include "core/base/units.h"
#include "core/config/toml_text.h"
#include "core/config/words.h"

namespace postern::config {
namespace {

class Printer {
public:
    explicit Printer(const PolicyText& policy_text) : policy_text_(policy_text) {}

    std::string take() { return std::move(text_); }

    void root(const Configuration& configuration) {
        comment("The configuration in effect of " + configuration.file);
        comment(
            "Paths in a plugin's own table are relative to the file that they were written in.");
        string("state_directory", configuration.state_directory);
        string("runtime_directory", configuration.runtime_directory);
        header("[plugins]");
        string("directory", configuration.plugin_directory);
        header("[logging]");
        string("level", word_of(kLogLevels, configuration.logging.level));
        string("format", word_of(kLogFormats, configuration.logging.format));
        boolean("detailed_tls", configuration.logging.detailed_tls);
        header("[shutdown]");
        duration("drain_timeout", configuration.drain_timeout_ns);
        for (const Listener& each : configuration.listeners) listener(each);
    }

private:
    void listener(const Listener& listener) {
        header("[[listener]]");
        string("name", listener.name);
        if (listener.unix_path.empty()) {
            string("host", listener.host);
            line("port", std::to_string(listener.port));
        } else {
            string("host", "unix:" + listener.unix_path);
        }
        boolean("use_tls", listener.use_tls);
        line("allowed_hosts", toml_strings(listener.allowed_hosts));
        line("allowed_origins", toml_strings(listener.allowed_origins));
        line("max_connections", std::to_string(listener.max_connections));
        duration("handshake_timeout", listener.handshake_timeout_ns);
        duration("header_timeout", listener.header_timeout_ns);
        duration("idle_timeout", listener.idle_timeout_ns);
        size("max_header", listener.max_header);
        size("max_body", listener.max_body);
        if (listener.use_tls) tls(listener);
        for (const PipelineEntry& entry : listener.pipeline) pipeline_entry(entry);
        for (const Route& each : listener.routes) route(each);
    }

    void tls(const Listener& listener) {
        const Tls& tls = listener.tls;
        header("[listener.tls]");
        string("client_certificate", word_of(kClientCertificates, tls.client_certificate));
        line("client_ca", toml_strings(tls.client_ca));
        string("trust", word_of(kTrusts, tls.trust));
        string("policy", tls.policy);
        comment(policy_text_ ? policy_text_(listener) : std::string());
        boolean("session_tickets", tls.session_tickets);
        duration("ticket_lifetime", tls.ticket_lifetime_ns);
        for (const Certificate& each : tls.certificates) {
            header("[[listener.tls.certificates]]");
            string("certificate", each.certificate);
            if (!each.private_key.empty()) string("private_key", each.private_key);
            string("password_file", each.password_file);
            line("server_names", toml_strings(each.server_names));
        }
    }

    void pipeline_entry(const PipelineEntry& entry) {
        header("[[listener.pipeline]]");
        const bool is_path = entry.plugin.find('/') != std::string::npos;
        string("plugin", is_path ? entry.file : entry.plugin);
        string("mode", word_of(kModes, entry.mode));
        string("on_error", word_of(kAnswers, entry.on_error));
        string("on_timeout", word_of(kAnswers, entry.on_timeout));
        duration("timeout", entry.timeout_ns);
        if (entry.failure_mode) string("failure_mode", word_of(kAnswers, *entry.failure_mode));
        line("config", toml_value(*entry.config));
    }

    void route(const Route& route) {
        header("[[listener.route]]");
        string("name", route.name);
        string("host", route.host);
        string("path", route.path);
        duration("request_timeout", route.request_timeout_ns);
        header("[listener.route.upstream]");
        const auto* http = std::get_if<Http>(&route.upstream);
        string("kind", http == nullptr ? "builtin" : "http");
        if (http == nullptr) return;
        std::vector<std::string> urls;
        for (const Url& url : http->urls) urls.push_back(url.text);
        line("urls", toml_strings(urls));
    }

    void line(std::string_view key, std::string_view value) {
        text_.append(key).append(" = ").append(value).append("\n");
    }
    void string(std::string_view key, std::string_view value) { line(key, toml_string(value)); }
    void boolean(std::string_view key, bool value) { line(key, value ? "true" : "false"); }
    void duration(std::string_view key, std::uint64_t value) {
        string(key, format_duration(value));
    }
    void size(std::string_view key, std::uint64_t value) { string(key, format_size(value)); }
    void header(std::string_view name) { text_.append("\n").append(name).append("\n"); }

    void comment(std::string_view lines) {
        while (!lines.empty()) {
            const std::size_t end = lines.find('\n');
            text_.append("# ").append(lines.substr(0, end)).append("\n");
            lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
        }
    }

    const PolicyText& policy_text_;
    std::string text_;
};

}  // namespace

std::string print(const Configuration& configuration, const PolicyText& policy_text) {
    Printer printer(policy_text);
    printer.root(configuration);
    return printer.take();
}

}  // namespace postern::config
