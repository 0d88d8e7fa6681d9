#include "core/config/print_upstream.h"

#include "core/config/words.h"

namespace postern::config {
namespace {

void print(TomlWriter& to, const ClientTls& tls) {
    to.line("trusted_ca", toml_strings(tls.trusted_ca));
    if (!tls.certificate.empty()) to.string("certificate", tls.certificate);
    if (!tls.private_key.empty()) to.string("private_key", tls.private_key);
    to.string("password_file", tls.password_file);
    to.string("server_name", tls.server_name);
    to.string("trust", word_of(kTrusts, tls.trust));
}

void print(TomlWriter& to, const Http& http) {
    to.string("kind", "http");
    std::vector<std::string> urls;
    for (const Url& url : http.urls) urls.push_back(url.text);
    to.line("urls", toml_strings(urls));
    if (http.tls) print(to, *http.tls);
    if (!http.health.path.empty()) {
        to.header("[listener.route.upstream.health]");
        to.string("path", http.health.path);
        to.duration("interval", http.health.interval_ns);
        to.duration("timeout", http.health.timeout_ns);
    }
    if (http.tls) print_pipeline(to, "listener.route.upstream.pipeline", http.tls->pipeline);
}

void print(TomlWriter& to, const Stdio& stdio) {
    to.string("kind", "stdio");
    to.line("command", toml_strings(stdio.command));
    to.string("environment_file", stdio.environment_file);
    to.line("pass_environment", toml_strings(stdio.pass_environment));
    to.string("working_directory", stdio.working_directory);
    to.string("user", stdio.user);
    to.boolean("allow_root", stdio.allow_root);
    to.integer("max_children", stdio.max_children);
    to.duration("idle_timeout", stdio.idle_timeout_ns);
    to.size("max_line", stdio.max_line);
    to.boolean("hide_gate_files", stdio.hide_gate_files);
    to.header("[listener.route.upstream.limits]");
    to.size("address_space", stdio.limits.address_space);
    to.integer("open_files", stdio.limits.open_files);
    to.integer("processes", stdio.limits.processes);
    to.size("file_size", stdio.limits.file_size);
    to.header("[listener.route.upstream.environment]");
    for (const EnvironmentVariable& each : stdio.environment) {
        to.string(toml_key(each.name), each.value);
    }
}

}  // namespace

void print_upstream(TomlWriter& to, const Upstream& upstream) {
    to.header("[listener.route.upstream]");
    if (const auto* http = std::get_if<Http>(&upstream)) {
        print(to, *http);
    } else if (const auto* stdio = std::get_if<Stdio>(&upstream)) {
        print(to, *stdio);
    } else {
        to.string("kind", "builtin");
    }
}

void print_pipeline(TomlWriter& to, std::string_view table,
                    const std::vector<PipelineEntry>& pipeline) {
    for (const PipelineEntry& entry : pipeline) {
        to.header("[[" + std::string(table) + "]]");
        const bool is_path = entry.plugin.find('/') != std::string::npos;
        to.string("plugin", is_path ? entry.file : entry.plugin);
        to.string("mode", word_of(kModes, entry.mode));
        to.string("on_error", word_of(kAnswers, entry.on_error));
        to.string("on_timeout", word_of(kAnswers, entry.on_timeout));
        to.duration("timeout", entry.timeout_ns);
        if (entry.failure_mode) to.string("failure_mode", word_of(kAnswers, *entry.failure_mode));
        to.line("config", toml_value(*entry.config));
    }
}

}  // namespace postern::config
