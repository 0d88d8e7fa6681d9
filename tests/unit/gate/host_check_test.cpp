#include "core/gate/host_check.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {

BOOST_AUTO_TEST_SUITE(host_check)

BOOST_AUTO_TEST_CASE(by_default_the_certificates_names_and_loopback_are_hosts) {
    const HostCheck check(config::Listener(), {"mcp.example", "*.wild.example", "192.0.2.7"});
    for (const char* host : {"mcp.example", "a.wild.example", "192.0.2.7", "localhost", "127.0.0.1",
                             "127.8.9.1", "[::1]", "::1"}) {
        BOOST_TEST(check.host_allowed(host, ""), host);
    }
    for (const char* host :
         {"evil.example", "wild.example", "a.b.wild.example", "mcp.example.evil", "localhost.evil",
          "127.evil.example", "127.0.0.1.evil.example", "192.0.2.8", ""}) {
        BOOST_TEST(!check.host_allowed(host, ""), host);
    }
}

BOOST_AUTO_TEST_CASE(allowed_hosts_replace_the_default) {
    config::Listener listener;
    listener.allowed_hosts = {"gate.example"};
    const HostCheck check(listener, {"mcp.example"});
    BOOST_TEST(check.host_allowed("gate.example", ""));
    BOOST_TEST(!check.host_allowed("mcp.example", ""));
    BOOST_TEST(!check.host_allowed("localhost", ""));
}

BOOST_AUTO_TEST_CASE(a_host_with_a_port_counts_with_that_port) {
    config::Listener listener;
    listener.allowed_hosts = {"gate.example:8443", "[::1]:8443"};
    const HostCheck check(listener, {});
    BOOST_TEST(check.host_allowed("gate.example", "Gate.example:8443"));
    BOOST_TEST(check.host_allowed("::1", "[::1]:8443"));
    BOOST_TEST(check.host_allowed("gate.example", "gate.example.:8443"));
    BOOST_TEST(!check.host_allowed("gate.example", "gate.example:8444"));
    BOOST_TEST(!check.host_allowed("gate.example", "gate.example"));
}

BOOST_AUTO_TEST_CASE(a_star_is_any_host_and_any_origin) {
    config::Listener listener;
    listener.allowed_hosts = {"*"};
    const HostCheck any_host(listener, {"mcp.example"});
    BOOST_TEST(any_host.host_allowed("evil.example", "evil.example"));
    BOOST_TEST(any_host.origin_allowed("http://localhost:6274", "evil.example"));
    // Any name may lead here: that the page was loaded from it says nothing.
    BOOST_TEST(!any_host.origin_allowed("https://evil.example", "evil.example"));
    listener.allowed_origins = {"*"};
    BOOST_TEST(HostCheck(listener, {}).origin_allowed("https://evil.example", "evil.example"));
}

BOOST_AUTO_TEST_CASE(a_page_from_elsewhere_is_refused_and_one_from_loopback_is_not) {
    const HostCheck check(config::Listener(), {"mcp.example"});
    BOOST_TEST(check.origin_allowed("http://localhost:6274", "mcp.example"));
    BOOST_TEST(check.origin_allowed("http://[::1]:80", "mcp.example"));
    BOOST_TEST(check.origin_allowed("HTTP://LOCALHOST", "mcp.example"));
    BOOST_TEST(check.origin_allowed("HTTPS://Mcp.Example.", "mcp.example"));
    BOOST_TEST(check.origin_allowed("https://mcp.example", "mcp.example"));
    for (const char* origin :
         {"https://evil.example", "null", "", "http://localhost.evil.example",
          "http://evil.example/localhost", "http://localhost@evil.example",
          "https://127.evil.example", "http://[::1]evil.example", "http://[::1]:80x",
          "http://127.0.0.1:x.evil.example", "http://localhost:", "http://localhost:123456"}) {
        BOOST_TEST(!check.origin_allowed(origin, "mcp.example"), origin);
    }
}

BOOST_AUTO_TEST_CASE(a_page_that_may_be_at_its_own_host_needs_an_origin) {
    config::Listener listener;
    BOOST_TEST(HostCheck(listener, {"mcp.example"}).originless_allowed("same-origin"));
    listener.allowed_hosts = {"*"};
    const HostCheck any_host(listener, {});
    BOOST_TEST(any_host.originless_allowed(""));
    BOOST_TEST(any_host.originless_allowed("none"));
    for (const char* site : {"same-origin", "same-site", "cross-site", "none, same-origin"}) {
        BOOST_TEST(!any_host.originless_allowed(site), site);
    }
    listener.allowed_origins = {"*"};
    BOOST_TEST(HostCheck(listener, {}).originless_allowed("cross-site"));
}

BOOST_AUTO_TEST_CASE(allowed_origins_are_exact) {
    config::Listener listener;
    listener.allowed_origins = {"https://app.example"};
    const HostCheck check(listener, {});
    BOOST_TEST(check.origin_allowed("https://app.example", "localhost"));
    BOOST_TEST(check.origin_allowed("HTTPS://App.Example:443", "localhost"));
    BOOST_TEST(!check.origin_allowed("https://app.example:8443", "localhost"));
    BOOST_TEST(!check.origin_allowed("http://app.example", "localhost"));
    BOOST_TEST(!check.origin_allowed("http://localhost", "localhost"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
