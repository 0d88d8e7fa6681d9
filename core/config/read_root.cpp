#include <algorithm>
#include <cstdlib>

#include "core/config/path.h"
#include "core/config/plugin_directory.h"
#include "core/config/readers.h"

namespace postern::config {
namespace {

// systemd sets these to absolute paths, several of them with colons between (systemd.exec(5)).
std::string directory_from(const char* variable, std::string fallback) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value != '/') return fallback;
    const std::string_view all = value;
    return std::string(all.substr(0, all.find(':')));
}

void read_directories(TableReader table, Configuration& out) {
    out.state_directory = directory_from("STATE_DIRECTORY", "/var/lib/postern");
    out.runtime_directory = directory_from("RUNTIME_DIRECTORY", "/run/postern");
    out.plugin_directory = default_plugin_directory();
    for (const auto& [key, directory] : {std::pair{"state_directory", &out.state_directory},
                                         std::pair{"runtime_directory", &out.runtime_directory}}) {
        table.path(key, *directory);
        if (directory->empty()) table.fail(key, "is empty; name a directory");
    }
    if (const Node* plugins = table.table("plugins")) {
        TableReader reader(table.reading(), *plugins);
        reader.path("directory", out.plugin_directory);
        if (out.plugin_directory.empty()) reader.fail("directory", "is empty; name a directory");
    }
    table.reading().runtime_directory = out.runtime_directory;
    table.reading().plugin_directory = out.plugin_directory;
}

// State, not configuration: below the state directory.
void read_audit_file(TableReader table, const std::string& state_directory, std::string& out) {
    table.string("audit_file", out);
    if (out.empty()) return;
    auto path = absolute_path(out, state_directory);
    if (path) {
        out = std::move(*path);
    } else {
        table.fail("audit_file", path.error().message);
    }
}

void read_logging(TableReader table, Logging& out) {
    table.word("level", kLogLevels, out.level);
    table.word("format", kLogFormats, out.format);
    table.boolean("detailed_tls", out.detailed_tls);
    table.only("access_file", "");
}

// It goes into a JSON text and, in part, into a log line.
void read_contact(TableReader table, Configuration& out) {
    table.string("contact", out.contact);
    const bool fits = out.contact.size() <= 200 &&
                      std::none_of(out.contact.begin(), out.contact.end(),
                                   [](unsigned char c) { return c < ' ' || c == 0x7f; });
    if (!fits) table.fail("contact", "is not one line of at most 200 bytes");
}

void read_admin(TableReader table) {
    const Node* listen = table.node().member("listen");
    if (listen == nullptr) return;
    const Node* first = listen->element(0);
    const bool is_default =
        listen->length() == 1 && first != nullptr && first->as_string() == "unix:admin.sock";
    if (is_default) return;
    table.refuse("listen", std::string(kNotYet) +
                               "; remove it, or leave it at its default, [\"unix:admin.sock\"]");
}

void read_not_yet(TableReader table) {
    Reading& reading = table.reading();
    table.refuse("client", std::string(kNotYet) + "; remove the table");
    if (const Node* admin = table.table("admin")) read_admin({reading, *admin});
    if (const Node* reload = table.table("reload")) {
        TableReader(reading, *reload).only_truth("watch", true);
    }
    if (const Node* live = table.table("live")) {
        TableReader(reading, *live).only("on_expiry", "cut");
        TableReader(reading, *live).only("expiry_grace", "60s");
    }
    if (const Node* sessions = table.table("sessions")) {
        TableReader(reading, *sessions).only("binding", "local");
    }
}

}  // namespace

void read_root(TableReader table, Configuration& out) {
    Reading& reading = table.reading();
    static_cast<void>(table.node().member("include"));  // read before, by the loader
    read_directories(table, out);
    read_contact(table, out);
    if (const Node* logging = table.table("logging")) {
        read_logging({reading, *logging}, out.logging);
        read_audit_file({reading, *logging}, out.state_directory, out.logging.audit_file);
    }
    if (const Node* shutdown = table.table("shutdown")) {
        TableReader(reading, *shutdown).duration("drain_timeout", out.drain_timeout_ns, 0);
    }
    read_not_yet(table);

    const std::vector<Node::Shared> listeners = table.tables("listener");
    if (table.missing("listener")) {
        table.fail_here("there is no [[listener]]; a gate needs at least one");
    }
    for (const Node::Shared& node : listeners) {
        read_listener({reading, *node}, out.listeners.emplace_back());
    }
    check_listeners(reading, listeners, out.listeners);
}

}  // namespace postern::config
