#include <algorithm>
#include <cctype>

#include "core/base/in_quotes.h"
#include "core/config/readers.h"

namespace postern::config {
namespace {

// A name that a request's Host can come to: labels that are not empty, none beginning with "-".
bool is_host(std::string_view text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
    });
    return plain && text.size() <= 253 && !text.starts_with('.') && !text.ends_with('.') &&
           !text.starts_with('-') && text.find("..") == std::string_view::npos &&
           text.find(".-") == std::string_view::npos;
}

void read_host(TableReader& table, Route& out) {
    table.string("host", out.host);
    std::transform(out.host.begin(), out.host.end(), out.host.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // As a request's Host is read.
    if (out.host.size() > 1 && out.host.ends_with('.')) out.host.pop_back();
    if (!is_host(out.host)) {
        table.fail("host", in_quotes(out.host) + " is not a host name; write it without a port");
    }
}

// Compared with a request's path as it stands, so only what stands for itself there.
bool is_path(std::string_view text) {
    constexpr std::string_view kMarks = "/-._~!$&'()*+,;=:@";  // RFC 3986, pchar
    const bool fits = std::all_of(text.begin(), text.end(), [&](unsigned char c) {
        return std::isalnum(c) != 0 || kMarks.find(static_cast<char>(c)) != std::string_view::npos;
    });
    return fits && text.starts_with('/') && text.find("//") == std::string_view::npos &&
           text.find("/../") == std::string_view::npos && !text.ends_with("/..") &&
           text.find("/./") == std::string_view::npos && !text.ends_with("/.");
}

void read_path(TableReader& table, Route& out) {
    table.string("path", out.path);
    if (!is_path(out.path)) {
        table.fail("path", in_quotes(out.path) +
                               " is not a path; it starts with \"/\" and has no \"//\", \"..\", "
                               "\"%\", \"?\" or \"#\"");
    }
    if (out.path.size() > 1 && out.path.ends_with('/')) out.path.pop_back();
}

void read_identity_headers(TableReader& table, Route& out) {
    std::vector<std::string> kinds;
    table.strings("identity_headers", kinds);
    for (const std::string& kind : kinds) {
        if (kind == "client-cert") {
            out.client_cert_headers = true;
        } else if (kind == "x-client") {
            out.x_client_headers = true;
        } else {
            table.fail("identity_headers", in_quotes(kind) +
                                               " is not known; write \"client-cert\" (RFC 9440) "
                                               "or \"x-client\"");
        }
    }
}

void read_authorization(TableReader& table, Authorization& out) {
    std::string word = "pass";
    table.string("authorization", word);
    if (word == "pass" || word == "strip") {
        out.kind = word == "pass" ? Authorization::Kind::pass : Authorization::Kind::strip;
        return;
    }
    out.kind = Authorization::Kind::replace;
    table.path("authorization", out.file);
    // A file of that name is less likely than a slip of the pen.
    if (word.find_first_of("/.") == std::string::npos) {
        table.fail("authorization", in_quotes(word) +
                                        " is not known; write \"pass\", \"strip\", or a file "
                                        "to replace it from, such as \"./token\"");
    }
}

}  // namespace

void check_bound_tokens(TableReader route_table, const Route& route, const Listener& listener) {
    if (route.bound_tokens == BoundTokens::off) return;
    if (listener.use_tls && listener.tls.client_certificate != ClientCertificate::none) return;
    route_table.fail("bound_tokens",
                     "\"verify\" compares a token with the client's certificate, and this listener "
                     "asks for none");
}

void read_route(TableReader table, Route& out) {
    out.position = table.node().position();
    out.name = "mcp";
    read_name(table, out.name);
    read_host(table, out);
    read_path(table, out);
    table.duration("request_timeout", out.request_timeout_ns, 0);
    read_identity_headers(table, out);
    read_authorization(table, out.authorization);
    table.word("bound_tokens", kBoundTokens, out.bound_tokens);
    if (const Node* upstream = table.table("upstream")) {
        read_upstream({table.reading(), *upstream}, out.upstream);
    } else if (!table.has("upstream")) {
        table.fail_here(
            "upstream is missing; [listener.route.upstream] needs kind = \"builtin\", "
            "kind = \"http\" and urls, or kind = \"stdio\" and command");
    }
}

}  // namespace postern::config
