#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/net/exchange.h"

namespace postern::upstream {

struct HttpBackend;

// An MCP server over plain HTTP/1.1, or several that serve alike. Transparent: bodies both ways
// byte by byte, answers streamed as they come.
class Http final : public net::Upstream {
public:
    [[nodiscard]] static Result<std::shared_ptr<net::Upstream>> create(
        const config::Http& settings, std::string route_path, std::uint64_t request_timeout_ns,
        std::size_t loops);

    explicit Http(std::shared_ptr<HttpBackend> backend);

    [[nodiscard]] std::unique_ptr<net::Exchange> handle(net::RequestRef request,
                                                        net::Caller& caller,
                                                        net::ResponseStream& response) override;

private:
    std::shared_ptr<HttpBackend> backend_;
};

}  // namespace postern::upstream
