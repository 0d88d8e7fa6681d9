#include "core/base/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

Endpoint ipv4(const char* address, std::uint16_t port) {
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_port = htons(port);
    BOOST_REQUIRE(::inet_pton(AF_INET, address, &raw.sin_addr) == 1);
    return endpoint_from(reinterpret_cast<const sockaddr*>(&raw), sizeof(raw));
}

Endpoint ipv6(const char* address, std::uint16_t port, std::uint32_t scope = 0) {
    sockaddr_in6 raw{};
    raw.sin6_family = AF_INET6;
    raw.sin6_port = htons(port);
    raw.sin6_scope_id = scope;
    BOOST_REQUIRE(::inet_pton(AF_INET6, address, &raw.sin6_addr) == 1);
    return endpoint_from(reinterpret_cast<const sockaddr*>(&raw), sizeof(raw));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(endpoint)

BOOST_AUTO_TEST_CASE(addresses_are_written_as_people_write_them) {
    BOOST_TEST(endpoint_text(ipv4("192.0.2.1", 443)) == "192.0.2.1:443");
    BOOST_TEST(address_text(ipv4("192.0.2.1", 443)) == "192.0.2.1");
    BOOST_TEST(endpoint_text(ipv6("::1", 443)) == "[::1]:443");
    BOOST_TEST(address_text(ipv6("fe80::1", 443, 2)) == "fe80::1%2");
}

BOOST_AUTO_TEST_CASE(a_mapped_address_counts_as_ipv4) {
    const Endpoint mapped = ipv6("::ffff:192.0.2.1", 80);
    BOOST_TEST(mapped.family == POSTERN_AF_INET);
    BOOST_TEST(endpoint_text(mapped) == "192.0.2.1:80");
    const Endpoint plain = ipv4("192.0.2.1", 80);
    BOOST_TEST(std::equal(std::begin(mapped.addr), std::end(mapped.addr), std::begin(plain.addr)));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_has_no_address) {
    sockaddr_un raw{};
    raw.sun_family = AF_UNIX;
    const Endpoint endpoint =
        endpoint_from(reinterpret_cast<const sockaddr*>(&raw), sizeof(raw.sun_family));
    BOOST_TEST(endpoint.family == POSTERN_AF_UNIX);
    BOOST_TEST(endpoint_text(endpoint) == "unix");
}

BOOST_AUTO_TEST_CASE(what_is_too_short_is_no_address) {
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    const auto* address = reinterpret_cast<const sockaddr*>(&raw);
    BOOST_TEST(endpoint_from(address, sizeof(raw) - 1).family == POSTERN_AF_NONE);
    BOOST_TEST(endpoint_from(address, 0).family == POSTERN_AF_NONE);
    BOOST_TEST(endpoint_from(nullptr, 100).family == POSTERN_AF_NONE);
    BOOST_TEST(endpoint_text(Endpoint{}) == "unknown");
}

BOOST_AUTO_TEST_SUITE_END()
