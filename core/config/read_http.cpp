#include <algorithm>

#include "core/config/readers.h"
#include "core/config/url.h"

namespace postern::config {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::array<std::string_view, 7> kTlsKeys{"trusted_ca",    "certificate", "private_key",
                                                   "password_file", "server_name", "trust",
                                                   "pipeline"};

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

void read_health(TableReader table, Health& out) {
    table.string("path", out.path);
    const bool is_target = out.path.starts_with('/') &&
                           std::all_of(out.path.begin(), out.path.end(),
                                       [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
    if (!is_target) {
        table.fail("path",
                   "is not a path; name what answers 200 when the server is well, such as "
                   "\"/healthz\"");
    }
    table.duration("interval", out.interval_ns, 100 * kMillisecond);
    table.duration("timeout", out.timeout_ns, kMillisecond);
}

}  // namespace

void read_http(TableReader table, Http& out) {
    read_urls(table, out);
    const auto uses_tls = [](const Url& url) { return url.uses_tls; };
    if (std::any_of(out.urls.begin(), out.urls.end(), uses_tls)) {
        if (!std::all_of(out.urls.begin(), out.urls.end(), uses_tls)) {
            table.fail("urls",
                       "has http:// beside https://; a request to the one would travel in plain "
                       "text, so use one scheme for all");
        }
        read_client_tls(table, out.tls.emplace());
    } else {
        for (const std::string_view key : kTlsKeys) {
            table.refuse(key, "has no meaning without an https:// URL");
        }
    }
    if (const Node* health = table.table("health")) {
        read_health({table.reading(), *health}, out.health);
    }
}

void read_client_tls(TableReader table, ClientTls& out) {
    out.position = table.node().position();
    table.paths("trusted_ca", out.trusted_ca);
    if (read_key_pair(table, out.certificate, out.private_key, out.password_file) &&
        out.certificate.empty() && !out.private_key.empty()) {
        table.fail("private_key", "has no meaning without certificate");
    }
    table.string("server_name", out.server_name);
    table.word("trust", kTrusts, out.trust);
    for (const Node::Shared& node : table.tables("pipeline")) {
        read_pipeline_entry({table.reading(), *node}, out.pipeline.emplace_back());
    }
    if (out.trust == Trust::pin && !pins(out.pipeline)) {
        table.fail("trust",
                   "\"pin\" needs the plugin \"pinning\" in this upstream's pipeline, with "
                   "mode = \"enforce\"; without it any server would be taken for the right one");
    }
}

}  // namespace postern::config
