#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/gate/refusal.h"
#include "core/gate/route_table.h"
#include "core/mcp/message.h"
#include "core/net/exchange.h"
#include "core/plugin/pipeline.h"

namespace postern::gate {

// One request on its way: each of its messages is asked about in turn, its session and token must
// be the caller's, then the upstream has it. The answer passes through, so that the sessions it
// gives are remembered and what the upstream cannot answer is refused like all else. Gives back
// what the request took from limiters when it ends.
class RoutedExchange final : public net::Exchange, private net::ResponseStream {
public:
    RoutedExchange(RouteTable::Place place, net::RequestRef request, mcp::Messages messages,
                   net::Caller& caller, net::ResponseStream& response);
    ~RoutedExchange() override;

    void start();
    // True when the upstream answered whole inside start(), or the request was refused there.
    [[nodiscard]] bool finished() const { return finished_; }

    void on_writable() override;
    void on_rules_changed() override;

private:
    void head(const net::HttpResponseHead& head, std::optional<std::uint64_t> length) override;
    void body(std::string_view data) override {
        if (!finished_) response_.body(data);
    }
    void finish() override {
        if (!finished_) response_.finish();
    }
    void fail(Reason reason, std::string detail) override;
    [[nodiscard]] std::size_t pending() const override { return response_.pending(); }

    // Whose the session is, for the question; what is not the caller's is refused after it.
    void find_session();
    // False: refused.
    [[nodiscard]] bool check_session();
    [[nodiscard]] bool check_token();
    [[nodiscard]] bool check_header_claims();
    // Asks and passes on as far as that goes without waiting.
    void advance();
    [[nodiscard]] std::shared_ptr<const plugin::Request> question() const;
    [[nodiscard]] bool take(const plugin::Outcome& outcome);
    void pass_on();
    // Why the answer cannot be passed on, or nothing.
    [[nodiscard]] std::optional<std::string> note_session(const net::HttpResponseHead& head);
    // In the name of one message of a batch, or of all together.
    void refuse(const Refusal& refusal, const mcp::Message* about = nullptr);

    // The route is gone: a stream that waits for what may never come ends.
    void end_stream();
    void give_up();

    [[nodiscard]] const RouteTarget& target() const { return *place_.target; }
    [[nodiscard]] bool modern() const;
    [[nodiscard]] std::string_view session() const;

    RouteTable::Place place_;
    net::RequestRef request_;
    mcp::Messages messages_;
    net::Caller& caller_;
    net::ResponseStream& response_;
    std::unique_ptr<net::Exchange> upstream_;
    std::size_t questions_ = 0;  // one for each message; one for a request without any
    std::size_t next_ = 0;
    std::size_t taken_ = 0;  // answers that limiters may have counted
    SessionOwners::Found session_;
    bool own_session_ = false;
    bool event_stream_ = false;  // the answer
    bool open_stream_ = false;   // events of no request's, without an end of its own
    bool head_sent_ = false;
    bool finished_ = false;
    // An answer may come when the client has gone and this with it.
    std::shared_ptr<RoutedExchange*> self_;
};

}  // namespace postern::gate
