#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/configuration.h"

namespace postern::gate {

// Which Host and Origin a listener answers to. A web page that made its own name resolve to the
// gate's address (DNS rebinding) is told from a client by these two.
class HostCheck {
public:
    // Without allowed_hosts: `server_names`, of the certificates, and loopback. Without
    // allowed_origins: none, loopback, or the very host that was asked for.
    HostCheck(const config::Listener& listener, std::vector<std::string> server_names);

    // `host`: lower case, without the port.
    [[nodiscard]] bool host_allowed(std::string_view host) const;
    // `origin`: the header's value; `host` has passed host_allowed().
    [[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view host) const;

private:
    std::vector<std::string> hosts_;
    std::vector<std::string> origins_;
    bool loopback_;
};

}  // namespace postern::gate
