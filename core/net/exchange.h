#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/endpoint.h"
#include "core/base/reason_table.h"
#include "core/net/http_message.h"
#include "core/net/loop.h"
#include "core/plugin/pipeline.h"
#include "core/tls/verify.h"

namespace postern::net {

// Where the answer to one request goes; the connection implements it. Loop thread. Any call may
// find the client gone: the connection then destroys the Exchange, after the call has returned.
class ResponseStream {
public:
    virtual ~ResponseStream() = default;

    // Once, before anything else. `length`: the body's size when it is known, else it is sent in
    // chunks (to an HTTP/1.0 client: until the connection closes).
    virtual void head(const HttpResponseHead& head, std::optional<std::uint64_t> length) = 0;
    virtual void body(std::string_view data) = 0;  // copied
    virtual void finish() = 0;
    // No answer can be had, or it broke off. Before head(): an error response from the reason
    // table's row; after it: the connection is cut, so that the client sees that it is not whole.
    virtual void fail(Reason reason, std::string detail) = 0;

    // Bytes that the client has not taken yet. Above kHighWater the source stops and waits for
    // Exchange::on_writable().
    [[nodiscard]] virtual std::size_t pending() const = 0;
    static constexpr std::size_t kHighWater = 256 * 1024;
};

// One answer in the making. The connection destroys it after finish() or fail(), and at once when
// the client goes away: its destructor cancels what is under way.
class Exchange {
public:
    virtual ~Exchange() = default;
    virtual void on_writable() {}  // pending() has fallen below kHighWater again
    // The connection went over to another generation, which may have no place for this any more.
    virtual void on_rules_changed() {}
};

// Who is calling, as the gate knows it. Valid as long as the Exchange made for it.
class Caller {
public:
    virtual ~Caller() = default;

    [[nodiscard]] virtual Loop& loop() const = 0;
    [[nodiscard]] virtual const std::string& listener() const = 0;
    [[nodiscard]] virtual const Endpoint& peer() const = 0;
    [[nodiscard]] virtual const Endpoint& local() const = 0;
    [[nodiscard]] virtual bool uses_tls() const = 0;
    [[nodiscard]] virtual std::string tls_version() const = 0;  // "TLS 1.3"; empty without TLS
    [[nodiscard]] virtual std::string tls_cipher() const = 0;
    [[nodiscard]] virtual bool tls_resumed() const = 0;
    [[nodiscard]] virtual const std::string& sni() const = 0;
    [[nodiscard]] virtual tls::ChainRef chain() const = 0;  // verified; null without a certificate
    [[nodiscard]] virtual const tls::Identity& identity() const = 0;
    // Runs `task` so that everything it writes to the response leaves together.
    virtual void run_turn(const Task& task) = 0;
    [[nodiscard]] virtual plugin::ConnectionPipeline& pipeline() = 0;
    [[nodiscard]] virtual bool pipeline_wants_requests() const = 0;  // else nobody need be asked
};

// The body of an error answer of the gate's own.
struct ErrorBody {
    std::string_view content_type;
    std::string text;
};

using RequestRef = std::shared_ptr<const HttpRequest>;

// What stands behind a route: an MCP server over HTTP, a child process, the built-in one. Shared by
// all loops; what it keeps for a loop it keeps by Loop::index().
class Upstream {
public:
    virtual ~Upstream() = default;
    // Its plugins and its own questions begin: once, before it is handed a request. Main thread.
    [[nodiscard]] virtual Result<void> start() { return {}; }
    // The rules for the servers behind have changed: what is connected to them is judged again.
    // Main thread.
    virtual void review() {}
    // May answer inside the call. Null only when it has answered whole.
    [[nodiscard]] virtual std::unique_ptr<Exchange> handle(RequestRef request, Caller& caller,
                                                           ResponseStream& response) = 0;
    // No generation routes to it any more, or the gate drains: what is under way completes, streams
    // that wait for what may never come end. Any thread.
    virtual void retire() {}
    // How the protocol behind says that no request came to be of what was sent (too large, too
    // slow, not HTTP). Nothing: in plain text.
    [[nodiscard]] virtual std::optional<ErrorBody> error_body(Reason) const { return {}; }
};

}  // namespace postern::net
