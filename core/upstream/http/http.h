#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/configuration.h"
#include "core/net/exchange.h"
#include "core/upstream/http/outbound.h"

namespace postern::upstream {

struct HttpBackend;
class HttpHealth;

// An MCP server over HTTP/1.1, or several that serve alike, all in plain text or all over TLS.
// Transparent: bodies both ways byte by byte, answers streamed as they come.
class Http final : public net::Upstream {
public:
    struct Place {
        std::string name;  // for the log
        std::string route_path;
        std::uint64_t request_timeout_ns = 0;
        std::vector<net::Loop*> loops;  // by Loop::index(); they outlive it
    };

    // `outbound`: set when the URLs are https.
    [[nodiscard]] static Result<std::shared_ptr<net::Upstream>> create(
        const config::Http& settings, Place place, std::optional<Outbound> outbound);

    Http(std::shared_ptr<HttpBackend> backend, config::Health health, std::vector<net::Loop*> loops,
         std::shared_ptr<plugin::Pipeline> pipeline);
    ~Http() override;
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;

    [[nodiscard]] Result<void> start() override;
    [[nodiscard]] std::unique_ptr<net::Exchange> handle(net::RequestRef request,
                                                        net::Caller& caller,
                                                        net::ResponseStream& response) override;
    void review() override;
    void retire() override;

private:
    const std::shared_ptr<HttpBackend> backend_;
    const config::Health health_settings_;
    const std::vector<net::Loop*> loops_;
    const std::shared_ptr<plugin::Pipeline> pipeline_;  // null without TLS
    std::shared_ptr<HttpHealth> health_;                // null: nobody asks
};

}  // namespace postern::upstream
