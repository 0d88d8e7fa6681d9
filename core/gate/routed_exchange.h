#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config/configuration.h"
#include "core/net/exchange.h"
#include "core/plugin/pipeline.h"

namespace postern::gate {

struct RouteTarget {
    config::Route route;
    std::shared_ptr<net::Upstream> upstream;
};

// What of a message is asked about, and how a refusal of it is answered.
struct Question {
    std::shared_ptr<const plugin::Request> request;
    std::string id;  // as JSON, of the message; empty without one
};

// One request on its way: each of its messages is asked about in turn, then the upstream has it.
// Gives back what the request took from limiters when it ends.
class RoutedExchange final : public net::Exchange {
public:
    RoutedExchange(std::shared_ptr<const RouteTarget> target, net::RequestRef request,
                   std::vector<Question> questions, net::Caller& caller,
                   net::ResponseStream& response);
    ~RoutedExchange() override;

    // Asks and passes on as far as that goes without waiting.
    void advance();
    // True when the upstream answered whole inside advance(), or the request was refused there.
    [[nodiscard]] bool finished() const { return finished_; }

    void on_writable() override;

private:
    // False: refused.
    [[nodiscard]] bool take(const plugin::Outcome& outcome);
    void refuse(const plugin::Outcome& outcome, const Question& question);
    void pass_on();

    std::shared_ptr<const RouteTarget> target_;
    net::RequestRef request_;
    std::vector<Question> questions_;
    std::size_t next_ = 0;
    net::Caller& caller_;
    net::ResponseStream& response_;
    std::unique_ptr<net::Exchange> upstream_;
    std::size_t taken_ = 0;  // answers that limiters may have counted
    bool finished_ = false;
    // An answer may come when the client has gone and this with it.
    std::shared_ptr<RoutedExchange*> self_;
};

}  // namespace postern::gate
