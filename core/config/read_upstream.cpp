#include "core/config/readers.h"

namespace postern::config {
namespace {

enum class Kind : std::uint8_t { none, builtin, http, stdio };
constexpr std::array<Word<Kind>, 3> kKinds{
    {{"builtin", Kind::builtin}, {"http", Kind::http}, {"stdio", Kind::stdio}}};

constexpr std::array<std::string_view, 9> kHttpKeys{"urls",        "trusted_ca",    "certificate",
                                                    "private_key", "password_file", "server_name",
                                                    "trust",       "pipeline",      "health"};
constexpr std::array<std::string_view, 11> kStdioKeys{
    "command", "environment",  "environment_file", "pass_environment", "working_directory", "user",
    "limits",  "max_children", "idle_timeout",     "max_line",         "hide_gate_files"};

template <std::size_t count>
void refuse_all(TableReader& table, const std::array<std::string_view, count>& keys,
                std::string_view kind) {
    for (const std::string_view key : keys) {
        table.refuse(key,
                     "has no meaning here; it belongs to kind = \"" + std::string(kind) + "\"");
    }
}

}  // namespace

void read_upstream(TableReader table, Upstream& out) {
    Kind kind = Kind::none;
    if (!table.has("kind")) {
        table.fail_here("kind is missing; write \"builtin\", \"http\" or \"stdio\"");
    }
    table.word("kind", kKinds, kind);
    switch (kind) {
        case Kind::builtin:
            refuse_all(table, kHttpKeys, "http");
            refuse_all(table, kStdioKeys, "stdio");
            out = Builtin{};
            return;
        case Kind::http:
            refuse_all(table, kStdioKeys, "stdio");
            read_http(table, out.emplace<Http>());
            return;
        case Kind::stdio:
            refuse_all(table, kHttpKeys, "http");
            read_stdio(table, out.emplace<Stdio>());
            return;
        case Kind::none:
            table.reading().unread.insert(&table.node());
            return;
    }
}

}  // namespace postern::config
