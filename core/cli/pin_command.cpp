#include <iostream>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/cli/commands.h"
#include "core/cli/description_output.h"
#include "core/cli/pin_store_options.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

struct ListOptions {
    PinStoreOptions store;
    bool json = false;
};

const char* state_of(const StoredFile& file, const PinLine& pin, std::int64_t now) {
    if (file.pending) return "pending";
    return pin.expires && now >= *pin.expires ? "expired" : "held";
}

nlohmann::ordered_json text_or_null(const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

nlohmann::ordered_json to_json(const StoredFile& file, const PinLine& pin, std::int64_t now) {
    return {{"file", file.name},
            {"pin", pin.digest_text()},
            {"state", state_of(file, pin, now)},
            {"expires", text_or_null(pin.expires ? format_time(*pin.expires) : "")},
            {"for", text_or_null(pin.name)},
            {"comment", text_or_null(pin.comment)}};
}

void print(const StoredFile& file, const PinLine& pin, std::int64_t now) {
    std::cout << printable(file.name) << "\n  " << pin.digest_text() << "\n  "
              << state_of(file, pin, now);
    if (pin.expires) std::cout << ", expires " << format_time(*pin.expires);
    if (!pin.name.empty()) std::cout << ", for " << printable(pin.name);
    if (!pin.comment.empty()) std::cout << "  # " << printable(pin.comment);
    std::cout << "\n";
}

Result<void> list(const ListOptions& options) {
    const auto store = options.store.find();
    if (!store) return store.error();
    const auto files = store->read();
    if (!files) return files.error();
    const auto now = system_clock().wall_seconds();
    auto pins = nlohmann::ordered_json::array();
    std::optional<Error> wrong;
    for (const auto& file : *files) {
        if (!file.problem.empty() && !wrong)
            wrong = configuration_error(printable(store->path_of(file.name)) + ": " +
                                        printable(file.problem));
        for (const auto& pin : file.pins) {
            if (options.json)
                pins.push_back(to_json(file, pin, now));
            else
                print(file, pin, now);
        }
    }
    if (options.json) std::cout << dump({{"store", store->directory()}, {"pins", std::move(pins)}});
    if (wrong) return *wrong;
    return {};
}

// Files that hold what `words` name: a file's name, with or without its ending, or a pin. All are
// found before any is changed.
Result<std::vector<StoredFile>> named_files(const PinStore& store,
                                            const std::vector<std::string>& words) {
    const auto files = store.read();
    if (!files) return files.error();
    std::vector<StoredFile> named;
    for (const auto& word : words) {
        const auto before = named.size();
        for (const auto& file : *files) {
            const bool by_name = file.name == word || file.name == word + kPinEnding ||
                                 file.name == word + kPendingEnding;
            bool by_pin = false;
            for (const auto& pin : file.pins) by_pin = by_pin || pin.digest_text() == word;
            if (by_pin && !by_name && file.pins.size() > 1)
                return configuration_error(
                    printable(store.path_of(file.name)) + ": holds " +
                    std::to_string(file.pins.size()) +
                    " pins; take the one out with an editor, or name the file to take all");
            bool known = false;
            for (const auto& each : named) known = known || each.name == file.name;
            if ((by_name || by_pin) && !known) named.push_back(file);
        }
        if (named.size() == before)
            return Error{Fault::refused, "\"" + printable(word) +
                                             "\" is neither a file nor a pin "
                                             "of " +
                                             printable(store.directory()) +
                                             "; postern pin list shows them"};
    }
    return named;
}

struct ChangeOptions {
    PinStoreOptions store;
    std::vector<std::string> words;
};

Result<void> remove(const ChangeOptions& options) {
    const auto store = options.store.find();
    if (!store) return store.error();
    const auto lock = store->lock();
    if (!lock) return lock.error();
    const auto files = named_files(*store, options.words);
    if (!files) return files.error();
    for (const auto& file : *files) {
        if (auto removed = store->remove(file.name); !removed) return removed;
        std::cout << "removed " << printable(store->path_of(file.name)) << "\n" << std::flush;
    }
    return {};
}

Result<void> approve(const ChangeOptions& options) {
    const auto store = options.store.find();
    if (!store) return store.error();
    const auto lock = store->lock();
    if (!lock) return lock.error();
    const auto files = named_files(*store, options.words);
    if (!files) return files.error();
    for (const auto& file : *files)
        if (!file.pending || !file.problem.empty())
            return Error{Fault::refused, printable(store->path_of(file.name)) +
                                             (file.pending ? ": " + printable(file.problem)
                                                           : ": does not wait for approval")};
    for (const auto& file : *files) {
        const auto name = store->approve(file.name);
        if (!name) return name.error();
        std::cout << "approved " << printable(store->path_of(*name)) << "\n" << std::flush;
    }
    return {};
}

}  // namespace

void add_pin(CLI::App& parent, Action& action) {
    auto* pin = parent.add_subcommand("pin", "The store of the plugin pinning");
    pin->require_subcommand(1);

    auto* command = pin->add_subcommand("list", "What the store holds");
    const auto listed = std::make_shared<ListOptions>();
    listed->store.add_to(*command);
    command->add_flag("--json", listed->json, "For programs");
    command->callback([listed, &action] { action = [listed] { return list(*listed); }; });

    add_pin_add(*pin, action);

    command = pin->add_subcommand("remove", "Hold it no more; live connections are cut");
    const auto removed = std::make_shared<ChangeOptions>();
    command->add_option("what", removed->words, "A file's name, or a pin")
        ->type_name("NAME|PIN")
        ->required();
    removed->store.add_to(*command);
    command->callback([removed, &action] { action = [removed] { return remove(*removed); }; });

    command = pin->add_subcommand("approve", "Hold what waits since its first use");
    const auto approved = std::make_shared<ChangeOptions>();
    command->add_option("what", approved->words, "A file's name, or a pin")
        ->type_name("NAME|PIN")
        ->required();
    approved->store.add_to(*command);
    command->callback([approved, &action] { action = [approved] { return approve(*approved); }; });
}

}  // namespace postern::cli
