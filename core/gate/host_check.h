#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/authority.h"
#include "core/config/configuration.h"

namespace postern::gate {

// Which Host and Origin a listener answers to. A web page that made its own name resolve to the
// gate's address (DNS rebinding) is told from a client by these two.
class HostCheck {
public:
    // Without allowed_hosts: `server_names`, of the certificates, and loopback; "*" is any. Without
    // allowed_origins: none, loopback, or the very host that was asked for, unless that may be any:
    // a page whose name leads to the gate would then be from the host that it asks for.
    HostCheck(const config::Listener& listener, std::vector<std::string> server_names);

    // `host`: lower case, without the port. `field`: as it came; where allowed_hosts names a port
    // this is what counts.
    [[nodiscard]] bool host_allowed(std::string_view host, std::string_view field) const;
    // `origin`: the header's value; `host` has passed host_allowed().
    [[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view host) const;
    // A request without Origin, as every GET of a page's to its own host is. Where any host is
    // answered a page may be at its own here, and only `fetch_site` (Sec-Fetch-Site, or empty)
    // tells of it: a browser sends it, "none" for what its user typed.
    [[nodiscard]] bool originless_allowed(std::string_view fetch_site) const;

private:
    std::vector<std::string> hosts_;  // at any port
    std::vector<Authority> places_;   // with a port
    std::vector<Origin> origins_;
    bool only_origins_ = false;
    bool loopback_;
    bool any_host_;
    bool any_origin_;
};

}  // namespace postern::gate
