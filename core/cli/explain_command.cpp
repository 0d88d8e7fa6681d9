#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/base/file.h"
#include "core/cli/commands.h"
#include "core/cli/explain_code.h"
#include "core/cli/explanation.h"
#include "core/cli/explanation_output.h"
#include "core/cli/printable.h"
#include "core/cli/validity.h"
#include "core/config/load.h"
#include "core/upstream/http/outbound.h"

namespace postern::cli {
namespace {

constexpr std::uint64_t kMaxFile = 16 * 1024 * 1024;

struct Options {
    std::string code;
    std::string config = "/etc/postern/posternd.toml";
    std::string chain;
    std::string role = "server";
    std::string listener;
    std::string route;
    std::string hostname;
    std::string time;
    bool json = false;
    bool page = false;
};

// Whose pipeline is asked, and what it trusts.
struct Asked {
    const std::vector<config::PipelineEntry>* pipeline = nullptr;
    std::string name;
    config::Trust trust = config::Trust::chain;
    std::vector<std::string> authorities;
    bool system_authorities = false;
    std::string hostname;
};

Result<config::Configuration> load(const std::string& file) {
    auto loaded = config::load(file);
    if (loaded.configuration) return std::move(*loaded.configuration);
    return configuration_error(loaded.errors.front());
}

Result<const config::Listener*> find_listener(const config::Configuration& configuration,
                                              const std::string& name) {
    std::string known;
    for (const config::Listener& listener : configuration.listeners) {
        if (name.empty() || listener.name == name) return &listener;
        known += (known.empty() ? "" : ", ") + listener.name;
    }
    return configuration_error("--listener: there is no \"" + printable(name) + "\"; there is " +
                               printable(known));
}

Result<Asked> ask_as_server(const config::Listener& listener) {
    if (!listener.use_tls)
        return configuration_error("listener \"" + listener.name +
                                   "\" speaks plain HTTP: it asks for no certificate");
    Asked asked;
    asked.pipeline = &listener.pipeline;
    asked.name = listener.name;
    asked.trust = listener.tls.trust;
    asked.authorities = listener.tls.client_ca;
    return asked;
}

Result<Asked> ask_as_client(const config::Listener& listener, const Options& options) {
    for (const config::Route& route : listener.routes) {
        if (!options.route.empty() && route.name != options.route) continue;
        const auto* http = std::get_if<config::Http>(&route.upstream);
        if (http == nullptr || !http->tls) continue;
        Asked asked;
        asked.pipeline = &http->tls->pipeline;
        asked.name = upstream::outbound_name(listener.name, route.name);
        asked.trust = http->tls->trust;
        asked.authorities = http->tls->trusted_ca;
        asked.system_authorities = asked.authorities.empty() && asked.trust == config::Trust::chain;
        asked.hostname = http->tls->server_name;
        for (const config::Url& url : http->urls)
            if (asked.hostname.empty() && url.uses_tls) asked.hostname = url.host;
        return asked;
    }
    return configuration_error("--role client: listener \"" + listener.name +
                               "\" has no such route with an https upstream");
}

// A file that cannot be opened is wrong usage; one whose content is no good is a no.
Result<std::shared_ptr<const tls::TrustAnchors>> anchors_of(const Asked& asked) {
    if (asked.system_authorities) return tls::TrustAnchors::of_system();
    for (const std::string& path : asked.authorities)
        if (const auto content = read_file(path, kMaxFile); !content) return content.error();
    auto anchors = tls::TrustAnchors::from_files(asked.authorities);
    if (!anchors) return Error{Fault::refused, anchors.error().message};
    return anchors;
}

Result<tls::ChainRef> chain_of(const std::string& path) {
    const auto content = read_file(path, kMaxFile);
    if (!content) return content.error();
    auto chain = tls::import_certificates(*content, path);
    if (!chain) return Error{Fault::refused, printable(chain.error().message)};
    return chain;
}

Result<void> explain_chain(const Options& options) {
    const auto configuration = load(options.config);
    if (!configuration) return configuration.error();
    const auto listener = find_listener(*configuration, options.listener);
    if (!listener) return listener.error();
    const bool client = options.role == "client";
    const auto asked = client ? ask_as_client(**listener, options) : ask_as_server(**listener);
    if (!asked) return asked.error();
    const auto anchors = anchors_of(*asked);
    if (!anchors) return anchors.error();
    const auto chain = chain_of(options.chain);
    if (!chain) return chain.error();

    OfflineGate gate(configuration->plugin_directory, configuration->state_directory);
    if (!options.time.empty()) {
        const auto time = parse_time("--time", options.time);
        if (!time) return time.error();
        gate.clock().set_wall_seconds(*time);
    }
    auto pipeline = gate.open(*asked->pipeline, asked->name,
                              client ? plugin::Role::client : plugin::Role::server);
    if (!pipeline) return std::move(pipeline).error();
    const Explanation explanation =
        pipeline->explain({*chain, *anchors, asked->trust,
                           options.hostname.empty() ? asked->hostname : options.hostname});
    std::cout << (options.json ? to_json_text(explanation) : to_text(explanation));
    if (explanation.allowed) return {};
    return Error{Fault::refused, remedy_line(explanation)};
}

Result<void> run(const Options& options) {
    if (options.page) {
        std::cout << troubleshooting_page();
        return {};
    }
    if (options.code.empty() == options.chain.empty())
        return configuration_error("explain takes a reason's CODE, or --config FILE --chain FILE");
    if (!options.chain.empty()) return explain_chain(options);
    const auto text = explain_code(options.code);
    if (!text) return text.error();
    std::cout << *text;
    return {};
}

}  // namespace

void add_explain(CLI::App& parent, Action& action) {
    auto* command = parent.add_subcommand(
        "explain", "What a gate says to a certificate, or what a reason code means");
    auto options = std::make_shared<Options>();
    command->add_option("code", options->code, "A reason's name or number, as in the log")
        ->type_name("CODE");
    command->add_option("--config", options->config, "The gate's configuration")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_option("--chain", options->chain, "The peer's certificates, its own first; PEM")
        ->type_name("FILE");
    command
        ->add_option("--role", options->role,
                     "What the gate is to the peer: server to clients, client to an upstream")
        ->check(CLI::IsMember({"server", "client"}))
        ->capture_default_str();
    command->add_option("--listener", options->listener, "Whose pipeline [default: the first]")
        ->type_name("NAME");
    command->add_option("--route", options->route, "With --role client: to whose upstream")
        ->type_name("NAME");
    command->add_option("--hostname", options->hostname, "With --role client: the expected name")
        ->type_name("NAME");
    command->add_option("--time", options->time, "As if it were then [default: now]")
        ->type_name("RFC3339");
    command->add_flag("--json", options->json, "For programs");
    command->add_flag("--page", options->page, "Print the troubleshooting page");
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
