#pragma once

#include <memory>
#include <string>

#include "core/gate/refusal.h"
#include "core/mcp/message.h"
#include "core/net/exchange.h"
#include "core/plugin/pipeline.h"

namespace postern::gate {

// What there is to say of a request that goes nowhere.
struct RefusedParts {
    net::RequestRef request;
    std::string route;       // empty: none was found
    mcp::Messages messages;  // none where the body could not be read
    std::string id;          // of what could not be read
    std::string contact;
};

// A request that the gate refuses by itself. The plugins are asked once before that, as far as the
// request is known: else whoever guesses, or sends garbage, would do so past every limit. If they
// refuse it, theirs is the answer.
class RefusedExchange final : public net::Exchange {
public:
    RefusedExchange(Refusal refusal, RefusedParts parts, net::Caller& caller,
                    net::ResponseStream& response);
    ~RefusedExchange() override;

    void start();
    [[nodiscard]] bool finished() const { return finished_; }

private:
    [[nodiscard]] std::shared_ptr<const plugin::Request> question() const;
    void take(const plugin::Outcome& outcome);
    void answer(const Refusal& refusal);

    Refusal refusal_;
    RefusedParts parts_;
    net::Caller& caller_;
    net::ResponseStream& response_;
    bool finished_ = false;
    // The plugins' answer may come when the client has gone and this with it.
    std::shared_ptr<RefusedExchange*> self_;
};

}  // namespace postern::gate
