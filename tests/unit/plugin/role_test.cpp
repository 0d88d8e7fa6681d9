#include "tests/unit/plugin/bench.h"

namespace postern::plugin::test {

BOOST_AUTO_TEST_SUITE(role)

BOOST_AUTO_TEST_CASE(role_says_which_phases_are_asked_and_what_plugins_are_told) {
    for (const Role role : {Role::server, Role::client}) {
        Bench bench;
        auto pipeline = bench.build({entry("validator_parallel", "v", "deny_outbound"),
                                     entry("limiter_parallel", "l", "abstain")},
                                    role);
        const bool server = role == Role::server;
        BOOST_TEST(pipeline->wants(POSTERN_PHASE_ACCEPT) == server);
        BOOST_TEST(pipeline->wants(POSTERN_PHASE_REQUEST) == server);
        BOOST_TEST(pipeline->wants(POSTERN_PHASE_PEER_CERTIFICATE));
        BOOST_TEST(pipeline->wants(POSTERN_PHASE_ESTABLISHED));
        ConnectionPipeline connection(pipeline, bench.scheduler, facts());
        BOOST_TEST(connection.peer_certificate(certificate(), {})->allowed == server);
    }
}

BOOST_AUTO_TEST_CASE(no_two_connections_have_one_number) {
    BOOST_TEST(next_connection_id() != next_connection_id());
    BOOST_TEST(next_connection_id() != 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
