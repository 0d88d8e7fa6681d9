#pragma once

#include <memory>
#include <utility>

#include "core/net/exchange.h"
#include "core/upstream/stdio/backend.h"

namespace postern::upstream {

// MCP servers that speak by lines on their standard input and output, behind Streamable HTTP of
// both eras: a child for each session of the older one, a child for each identity in the newer one.
// The two-endpoint transport of 2024 is not offered.
class Stdio final : public net::Upstream {
public:
    Stdio(StdioBackend::Settings settings, StartChild start);
    ~Stdio() override;  // ends every child
    Stdio(const Stdio&) = delete;
    Stdio& operator=(const Stdio&) = delete;

    [[nodiscard]] std::unique_ptr<net::Exchange> handle(net::RequestRef request,
                                                        net::Caller& caller,
                                                        net::ResponseStream& response) override;
    void retire() override;

    // Children that are started from now on are started so. Any thread.
    void start_with(StartChild start) { backend_->start_with(std::move(start)); }

    [[nodiscard]] const StdioBackend& backend() const { return *backend_; }

private:
    std::shared_ptr<StdioBackend> backend_;
};

}  // namespace postern::upstream
