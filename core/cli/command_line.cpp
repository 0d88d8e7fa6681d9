#include "core/cli/command_line.h"

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <gnutls/gnutls.h>
#include <CLI/CLI.hpp>

#include "core/base/nearest.h"
#include "core/cli/commands.h"
#include "core/cli/plugin_command.h"
#include "core/cli/printable.h"
#include "postern/version.h"

namespace postern::cli {
namespace {

std::string version_text() {
    return "postern " + std::to_string(POSTERN_VERSION_MAJOR) + "." +
           std::to_string(POSTERN_VERSION_MINOR) + "." + std::to_string(POSTERN_VERSION_PATCH) +
           " (GnuTLS " + gnutls_check_version(nullptr) + ")";
}

struct ParsedCommand {
    const CLI::App* app;
    std::string path;  // "postern cert server"
};

ParsedCommand deepest_command(const CLI::App& root) {
    ParsedCommand parsed{&root, "postern"};
    for (auto chosen = root.get_subcommands(); !chosen.empty();
         chosen = parsed.app->get_subcommands()) {
        parsed.app = chosen.front();
        parsed.path += " " + parsed.app->get_name();
    }
    return parsed;
}

std::vector<std::string> known_commands(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

std::vector<std::string> known_flags(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options())
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
    const auto match = nearest(word, known);
    return match ? "; did you mean " + *match + "?" : "";
}

std::string usage_line(const CLI::App& root, const CLI::ParseError& error) {
    const auto [app, path] = deepest_command(root);
    const auto commands = known_commands(*app);
    const auto extras = root.remaining(true);
    if (!extras.empty()) {
        const std::string& word = extras.front();
        const std::string shown = printable(word);
        if (word.starts_with('-')) {
            const auto flag = word.substr(0, word.find('='));
            const auto meant = suggestion(flag, known_flags(*app));
            return path + ": unknown flag " + printable(flag) +
                   (meant.empty() ? "; " + path + " --help lists them" : meant);
        }
        if (!commands.empty()) {
            const auto meant = suggestion(word, commands);
            return path + ": unknown command \"" + shown + "\"" +
                   (meant.empty() ? "; " + path + " --help lists them" : meant);
        }
        return path + ": unexpected argument \"" + shown + "\"; " + path +
               " --help shows the usage";
    }
    if (!commands.empty()) return path + ": a command is missing; " + path + " --help lists them";
    return path + ": " + printable(error.what()) + "; " + path + " --help shows the usage";
}

int report(const Error& error) {
    std::cerr << "postern: " << error.message << "\n";
    return static_cast<int>(error.fault);
}

int parse_and_run(int argc, const char* const* argv) {
    CLI::App root("Postern puts a guarded mutual-TLS gate in front of an MCP server.", "postern");
    root.require_subcommand(1);
    root.set_version_flag("--version", version_text(), "Print the version and exit");

    Action action;
    add_init(root, action);
    add_cert(root, action);
    add_explain(root, action);
    add_pin(root, action);
    add_plugin_command(root, action);
    try {
        root.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return root.exit(success);  // --help and --version
    } catch (const CLI::ParseError& error) {
        std::cerr << usage_line(root, error) << "\n";
        return static_cast<int>(Fault::configuration);
    }
    const auto done = action();
    std::cout.flush();
    if (done && !std::cout)
        return report(internal_error("standard output: cannot be written; is the disk full?"));
    return done ? 0 : report(done.error());
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    try {
        return parse_and_run(argc, argv);
    } catch (const std::exception& exception) {
        return report(internal_error(printable(exception.what())));
    }
}

}  // namespace postern::cli
