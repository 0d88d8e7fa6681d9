#include "core/cli/plugin_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/cli/printable.h"
#include "core/config/plugin_directory.h"
#include "core/plugin/conformance.h"
#include "core/plugin/loader.h"
#include "core/plugin/module_adoption.h"

namespace postern::cli {
namespace {

struct ListOptions {
    std::string directory;
    bool json = false;
};

const char* thread_model_name(std::uint32_t model) {
    if (model == POSTERN_THREADS_PARALLEL) return "parallel";
    return model == POSTERN_THREADS_PER_LOOP ? "per-loop" : "serial";
}

nlohmann::json describe(const plugin::LoadedModule& module, const postern_descriptor& descriptor) {
    return {{"id", descriptor.id},
            {"version", descriptor.version},
            {"summary", descriptor.summary != nullptr ? descriptor.summary : ""},
            {"abi", plugin::abi_text(module.module.abi_version)},
            {"interfaces", plugin::id_list(descriptor.interfaces)},
            {"services", plugin::id_list(descriptor.services)},
            {"threads", thread_model_name(descriptor.thread_model)},
            {"path", module.path},
            {"sha256", module.sha256}};
}

void print(const nlohmann::json& found) {
    std::string interfaces;
    for (const auto& id : found["interfaces"]) {
        interfaces += interfaces.empty() ? "" : ", ";
        interfaces += printable(id.get<std::string>());
    }
    std::cout << printable(found["id"].get<std::string>()) << ' '
              << printable(found["version"].get<std::string>()) << "\n  "
              << printable(found["summary"].get<std::string>()) << "\n  ABI "
              << found["abi"].get<std::string>() << ", " << found["threads"].get<std::string>()
              << ", " << interfaces << "\n  " << printable(found["path"].get<std::string>())
              << '\n';
}

Result<std::vector<std::string>> shared_objects(const std::string& directory) {
    std::vector<std::string> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
        if (entry.path().extension() == ".so") files.push_back(entry.path().string());
    }
    if (failed) return configuration_error(directory + ": " + failed.message());
    std::sort(files.begin(), files.end());
    return files;
}

Result<void> list_plugins(const ListOptions& options) {
    const std::string directory =
        options.directory.empty() ? config::default_plugin_directory() : options.directory;
    auto files = shared_objects(directory);
    if (!files) return files.error();
    plugin::Loader loader(directory);
    nlohmann::json all = nlohmann::json::array();
    std::size_t refused = 0;
    for (const std::string& file : *files) {
        const auto module = loader.load(file.find('/') == std::string::npos ? "./" + file : file);
        if (!module) {
            ++refused;
            std::cerr << "postern: " << printable(module.error().message) << '\n';
            continue;
        }
        for (const postern_descriptor& descriptor : (*module)->descriptors) {
            all.push_back(describe(**module, descriptor));
        }
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    if (!options.json) std::for_each(all.begin(), all.end(), print);
    if (refused == 0) return {};
    return Error{Fault::refused, std::to_string(refused) + " of " + std::to_string(files->size()) +
                                     " files in " + directory + " cannot be loaded as plugins"};
}

Result<void> check_plugin(const std::string& file) {
    const auto findings = plugin::check_conformance(file);
    if (!findings) return findings.error();
    std::size_t failed = 0;
    for (const plugin::Finding& finding : *findings) {
        failed += finding.passed ? 0u : 1u;
        std::cout << (finding.passed ? "ok    " : "FAIL  ") << printable(finding.check) << ": "
                  << printable(finding.detail) << '\n';
    }
    if (failed == 0) return {};
    return Error{Fault::refused, file + ": " + std::to_string(failed) + " of " +
                                     std::to_string(findings->size()) + " checks failed"};
}

}  // namespace

void add_plugin_command(CLI::App& parent, Action& action) {
    auto* plugin = parent.add_subcommand("plugin", "Look at plugins");
    plugin->require_subcommand(1);

    auto* list = plugin->add_subcommand("list", "What each plugin of a folder says it is");
    const auto options = std::make_shared<ListOptions>();
    list->add_option("--directory", options->directory, "Folder with *.so [default: installed]")
        ->type_name("DIR");
    list->add_flag("--json", options->json, "Print JSON");
    list->callback([&action, options] { action = [options] { return list_plugins(*options); }; });

    auto* check = plugin->add_subcommand("check", "Check a plugin's file, entry and description");
    const auto file = std::make_shared<std::string>();
    check->add_option("file", *file, "The shared object")->required()->type_name("FILE");
    check->callback([&action, file] { action = [file] { return check_plugin(*file); }; });
}

}  // namespace postern::cli
