#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/log.h"
#include "core/config/node.h"

namespace postern::config {

inline constexpr std::uint64_t kSecond = 1'000'000'000;  // nanoseconds

// The words are the configuration's own; parsing and printing share one table (words.h).
enum class ClientCertificate : std::uint8_t { none, optional, require };
enum class Trust : std::uint8_t { chain, pin };
enum class Mode : std::uint8_t { enforce, observe };
enum class Answer : std::uint8_t { deny, allow };  // where the pipeline has to decide without one

// Paths are absolute from here on.
struct Certificate {
    std::string certificate;                // PEM chain, .p12 or .pfx
    std::string private_key;                // empty only with .p12 and .pfx
    std::string password_file;              // empty: none
    std::vector<std::string> server_names;  // empty: the certificate's own names
    Position position;
};

struct Tls {
    std::vector<Certificate> certificates;  // at least one; the first is the default
    ClientCertificate client_certificate = ClientCertificate::require;
    std::vector<std::string> client_ca;
    Trust trust = Trust::chain;
    std::string policy = "intermediate-2026";  // one of kTlsPolicies (words.h)
    bool session_tickets = true;
    std::uint64_t ticket_lifetime_ns = 7200 * kSecond;
    Position position;
};

struct PipelineEntry {
    std::string plugin;      // as written: a bare name or a path
    std::string file;        // the module: <plugin directory>/<name>.so, or the path made absolute
    std::string short_name;  // file name without folder and ".so": "ratelimit"
    Mode mode = Mode::enforce;
    Answer on_error = Answer::deny;
    Answer on_timeout = Answer::deny;
    std::optional<Answer> failure_mode;  // empty: as if deny, but nothing was said
    std::uint64_t timeout_ns = 3 * kSecond;
    Node::Shared config;  // never null; its keys are checked by who configures the plugin
    Position position;
};

struct Url {
    std::string text;  // as written
    std::string host;  // without brackets
    std::uint16_t port = 0;
    std::string path;  // starts with "/"
    bool uses_tls = false;
};

// How the gate speaks TLS to a server, as its client.
struct ClientTls {
    std::vector<std::string> trusted_ca;  // empty: the system's store
    std::string certificate;              // empty: none is sent
    std::string private_key;
    std::string password_file;
    std::string server_name;  // the name to ask for and to check; empty: the URL's host
    Trust trust = Trust::chain;
    std::string policy = "intermediate-2026";
    std::vector<PipelineEntry> pipeline;
    Position position;
};

struct Health {
    std::string path;  // empty: servers are not asked, only the requests' own failures count
    std::uint64_t interval_ns = 10 * kSecond;
    std::uint64_t timeout_ns = 2 * kSecond;
};

struct Builtin {};
struct Http {
    std::vector<Url> urls;         // at least one
    std::optional<ClientTls> tls;  // set when a URL is https
    Health health;
};

// 0: as the gate's own.
struct ChildLimits {
    std::uint64_t address_space = 0;  // bytes
    std::uint64_t open_files = 0;
    std::uint64_t processes = 0;  // of the child's user, as the kernel counts
    std::uint64_t file_size = 0;  // bytes
};

struct EnvironmentVariable {
    std::string name;
    std::string value;
};

// An MCP server that the gate starts: one message a line on its standard input and output.
struct Stdio {
    std::vector<std::string> command;  // at least the program: a path, or a name looked up in PATH
    std::vector<EnvironmentVariable> environment;
    std::string environment_file;               // NAME=value lines; empty: none
    std::vector<std::string> pass_environment;  // names taken from the gate's own
    std::string working_directory;              // empty: "/"
    std::string user;                           // empty: the gate's own
    bool allow_root = false;                    // it may run as root because the gate does
    std::uint32_t max_children = 64;
    std::uint64_t idle_timeout_ns = 1800 * kSecond;  // of a session, and of a shared child
    std::uint64_t max_line = 10 * 1024 * 1024;
    ChildLimits limits;
    bool hide_gate_files = true;  // keys, configuration, state and sockets of the gate (Landlock)
};
using Upstream = std::variant<Builtin, Http, Stdio>;

// What becomes of the Authorization header on its way to the upstream.
struct Authorization {
    enum class Kind : std::uint8_t { pass, strip, replace };
    Kind kind = Kind::pass;
    std::string file;  // replace: its first line is the header's value
};

enum class BoundTokens : std::uint8_t { off, verify };  // RFC 8705

struct Route {
    std::string name;
    std::string host;                      // lower case; empty: any
    std::string path = "/";                // this path and below it
    std::uint64_t request_timeout_ns = 0;  // 0: none
    bool client_cert_headers = false;      // identity_headers: "client-cert" (RFC 9440)
    bool x_client_headers = false;         // identity_headers: "x-client"
    Authorization authorization;
    BoundTokens bound_tokens = BoundTokens::off;
    Upstream upstream;
    Position position;
};

struct Listener {
    std::string name;
    std::string host = "127.0.0.1";  // an address without brackets; empty with unix_path
    std::uint16_t port = 8443;       // 0: the kernel picks one
    std::string unix_path;           // empty: TCP
    bool use_tls = true;
    std::vector<std::string> allowed_hosts;    // empty: the certificate's names and loopback
    std::vector<std::string> allowed_origins;  // empty: absent or loopback
    std::uint32_t max_connections = 10000;
    std::uint64_t handshake_timeout_ns = 10 * kSecond;
    std::uint64_t header_timeout_ns = 10 * kSecond;
    std::uint64_t idle_timeout_ns = 600 * kSecond;
    std::uint64_t max_header = 32 * 1024;
    std::uint64_t max_body = 4 * 1024 * 1024;
    Tls tls;  // only with use_tls
    std::vector<PipelineEntry> pipeline;
    std::vector<Route> routes;  // at least one
    Position position;
};

struct Logging {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    bool detailed_tls = false;
    std::string audit_file;  // empty: none
};

struct Configuration {
    std::string file;  // the one that was loaded, absolute
    std::string state_directory;
    std::string runtime_directory;
    std::string plugin_directory;
    std::string contact;  // shown to callers who are refused at a request; empty: none
    Logging logging;
    std::uint64_t drain_timeout_ns = 30 * kSecond;
    std::vector<Listener> listeners;  // at least one
};

}  // namespace postern::config
