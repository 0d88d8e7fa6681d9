#include "core/config/readers.h"
#include "core/config/url.h"

namespace postern::config {
namespace {

enum class Kind : std::uint8_t { none, builtin, http, stdio };
constexpr std::array<Word<Kind>, 3> kKinds{
    {{"builtin", Kind::builtin}, {"http", Kind::http}, {"stdio", Kind::stdio}}};

constexpr std::string_view kHttpOnly = "has no meaning here; it belongs to kind = \"http\"";

void read_urls(TableReader& table, Http& out) {
    std::vector<std::string> texts;
    table.strings("urls", texts);
    if (table.missing("urls")) {
        table.fail("urls", "is missing; name the MCP server: [\"http://127.0.0.1:3000/mcp\"]");
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        Result<Url> url = parse_http_url(texts[i]);
        if (url) {
            out.urls.push_back(std::move(*url));
        } else {
            table.reading().fail(*table.node().member("urls")->element(i), url.error().message);
        }
    }
}

// How an upstream over TLS will be told; named here so that they are not called unknown.
void refuse_tls_keys(TableReader& table) {
    for (const std::string_view key : {"trusted_ca", "certificate", "private_key", "server_name",
                                       "trust", "pipeline", "health"}) {
        table.refuse(key, std::string(kNotYet) + "; remove it");
    }
}

}  // namespace

void read_upstream(TableReader table, Upstream& out) {
    Kind kind = Kind::none;
    if (!table.has("kind")) table.fail_here("kind is missing; write \"builtin\" or \"http\"");
    table.word("kind", kKinds, kind);
    switch (kind) {
        case Kind::builtin:
            table.refuse("urls", kHttpOnly);
            out = Builtin{};
            return;
        case Kind::http: {
            Http http;
            read_urls(table, http);
            refuse_tls_keys(table);
            out = std::move(http);
            return;
        }
        case Kind::stdio:
            table.fail("kind", "\"stdio\" " + std::string(kNotYet) +
                                   "; write \"http\" and urls, or \"builtin\"");
            break;
        case Kind::none:
            break;
    }
    table.reading().unread.insert(&table.node());
}

}  // namespace postern::config
