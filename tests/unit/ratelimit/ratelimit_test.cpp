// The plugin as the host sees it.
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/unit/sdk_fake_host/fake_instance.h"

namespace postern::ratelimit {
namespace {

using fake::FakeNode;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Fixture {
    fake::FakeHost host;
    fake::FakeInstance instance{host, postern_module_v1(POSTERN_ABI_VERSION)};
    postern_endpoint peer{POSTERN_AF_INET, 1000, 0, {192, 0, 2, 1}};

    void start(std::vector<FakeNode::Entry> table) {
        BOOST_TEST_REQUIRE(instance.configure(FakeNode::table(std::move(table))) == POSTERN_OK);
        BOOST_TEST_REQUIRE(instance.start() == POSTERN_OK);
    }
    fake::Answer acquire(std::uint32_t phase = POSTERN_PHASE_ACCEPT, std::uint32_t flags = 0) {
        const auto& limiter = instance.interface<postern_ratelimit>(POSTERN_IF_RATELIMIT);
        return instance.ask(flags, [&](void* self, const postern_call* call, postern_verdict* out) {
            postern_call mine = *call;
            mine.peer = peer;
            postern_quota_request request{};
            request.struct_size = sizeof request;
            request.phase = phase;
            request.cost = 1;
            return limiter.acquire(self, &mine, &request, out);
        });
    }
    std::string config_error(std::vector<FakeNode::Entry> table) {
        BOOST_TEST(instance.configure(FakeNode::table(std::move(table))) == POSTERN_E_CONFIG);
        return instance.first_error();
    }
};

BOOST_FIXTURE_TEST_SUITE(ratelimit, Fixture)

BOOST_AUTO_TEST_CASE(the_connection_above_the_limit_is_refused_and_told_when_to_come) {
    start({{"max_connections_per_ip", 2}, {"window", "10s"}});
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
    host.advance(milliseconds(2500));
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
    const fake::Answer third = acquire();
    BOOST_TEST(third.action == POSTERN_ACTION_DELAY);
    BOOST_TEST(third.reason == POSTERN_REASON_RATE_LIMITED);
    BOOST_TEST(third.delay_ns == 7'500'000'000u);
    BOOST_TEST(third.detail == "2 connections in 10 s; next allowed in 7.500 s");
    BOOST_TEST(host.metrics["refused_total"] == 1);
    host.advance(milliseconds(7500));
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(the_defaults_are_fifty_a_minute) {
    start({});
    for (int i = 0; i < 50; ++i) BOOST_TEST_REQUIRE(acquire().action == POSTERN_ACTION_ALLOW);
    BOOST_TEST(acquire().delay_ns == 60'000'000'000u);
}

BOOST_AUTO_TEST_CASE(an_ipv6_network_of_64_bits_is_one_address) {
    start({{"max_connections_per_ip", 1}});
    peer = {POSTERN_AF_INET6, 1, 0, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9}};
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
    peer.addr[15] = 7;
    BOOST_TEST(acquire().action == POSTERN_ACTION_DELAY);
    peer.addr[7] = 2;
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_mapped_address_counts_as_ipv4) {
    start({{"max_connections_per_ip", 1}});
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
    peer = {POSTERN_AF_INET6, 1, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}};
    BOOST_TEST(acquire().action == POSTERN_ACTION_DELAY);
    peer.addr[15] = 2;
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(exempt_networks_and_unix_peers_are_not_limited) {
    start({{"max_connections_per_ip", 1}, {"exempt", FakeNode::array({"192.0.2.0/24"})}});
    for (int i = 0; i < 3; ++i) BOOST_TEST(acquire().action == POSTERN_ACTION_ABSTAIN);
    peer = {POSTERN_AF_UNIX, 0, 0, {}};
    for (int i = 0; i < 3; ++i) BOOST_TEST(acquire().action == POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(other_phases_and_explain_take_nothing) {
    start({{"max_connections_per_ip", 1}});
    for (std::uint32_t phase = POSTERN_PHASE_CLIENT_HELLO; phase <= POSTERN_PHASE_CLOSE; ++phase) {
        BOOST_TEST(acquire(phase).action == POSTERN_ACTION_ABSTAIN);
    }
    BOOST_TEST(acquire(POSTERN_PHASE_ACCEPT, POSTERN_CALL_DRY_RUN).action ==
               POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(acquire().action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(zero_is_no_limit) {
    start({{"max_connections_per_ip", 0}});
    for (int i = 0; i < 500; ++i) {
        BOOST_TEST_REQUIRE(acquire().action == POSTERN_ACTION_ABSTAIN);
    }
}

BOOST_AUTO_TEST_CASE(another_policy_has_another_digest) {
    start({{"max_connections_per_ip", 1}});
    fake::FakeInstance other(host, postern_module_v1(POSTERN_ABI_VERSION));
    BOOST_TEST(other.configure(FakeNode::table({{"max_connections_per_ip", 2}})) == POSTERN_OK);
    BOOST_TEST((instance.policy_digest() != other.policy_digest()));
    BOOST_TEST(other.configure(FakeNode::table({{"max_connections_per_ip", 1}})) == POSTERN_OK);
    BOOST_TEST((instance.policy_digest() == other.policy_digest()));
}

BOOST_AUTO_TEST_CASE(every_documented_key_is_known) {
    start({{"max_connections_per_ip", 50},
           {"window", "60s"},
           {"max_concurrent_per_ip", 0},
           {"max_failed_handshakes_per_ip", 0},
           {"ipv4_prefix", 32},
           {"ipv6_prefix", 64},
           {"exempt", FakeNode::array({})},
           {"per_identity", FakeNode::array({})},
           {"shared_store", ""},
           {"shared_store_failure", "local"}});
    BOOST_TEST(instance.configuration().unknown_keys().empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_served_yet_is_said_so) {
    BOOST_TEST(config_error({{"max_concurrent_per_ip", 5}}) ==
               "max_concurrent_per_ip: max_concurrent_per_ip is not supported yet in this version");
    BOOST_TEST(config_error({{"max_failed_handshakes_per_ip", 5}}) != "");
    BOOST_TEST(config_error({{"shared_store", "redis://x"}}) != "");
    BOOST_TEST(config_error({{"shared_store_failure", "deny"}}) != "");
    BOOST_TEST(config_error({{"per_identity", FakeNode::array({FakeNode::table({})})}}) != "");
}

BOOST_AUTO_TEST_CASE(values_out_of_range_are_refused) {
    BOOST_TEST(config_error({{"max_connections_per_ip", -1}}) != "");
    BOOST_TEST(config_error({{"max_connections_per_ip", 100'001}}) != "");
    BOOST_TEST(config_error({{"window", "0s"}}) != "");
    BOOST_TEST(config_error({{"window", "25h"}}) != "");
    BOOST_TEST(config_error({{"ipv4_prefix", 33}}) != "");
    BOOST_TEST(config_error({{"ipv6_prefix", 129}}) != "");
    BOOST_TEST(config_error({{"exempt", FakeNode::array({"10.0.0.1/8"})}}) != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::ratelimit
