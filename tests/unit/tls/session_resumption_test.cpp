// What tickets are worth, and what GnuTLS does with them; each test here pins a behaviour that the
// host builds upon.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/tls/test_client.h"
#include "tests/unit/tls/test_listener.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;
using Handshake = ServerSession::Handshake;
using Verdict = ServerSession::Verdict;

namespace {

const char* const kVersions[] = {kTls12, kTls13};
constexpr Digest256 kOtherPolicy = {1};

ClientSetting with_certificate(const TestListener& listener, const char* version) {
    ClientSetting setting;
    setting.priority = version;
    setting.certificates = {&listener.client};
    return setting;
}

// The client's state after a full handshake, with a ticket.
Bytes full_handshake(const TestListener& listener, const ClientSetting& setting) {
    Connection connection(listener.context(), setting);
    BOOST_REQUIRE((connection.run(Verdict::accept) == Handshake::done));
    BOOST_REQUIRE(!connection.server->resumed());
    connection.deliver_ticket();
    return connection.client.session_data();
}

bool resumes(const TestListener& listener, ClientSetting setting, const Bytes& session,
             const Digest256& policy = {}) {
    setting.session = session;
    Connection connection(listener.context(), setting, policy);
    BOOST_TEST((connection.run(Verdict::accept) == Handshake::done));
    return connection.server->resumed();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_resumption)

BOOST_DATA_TEST_CASE(resumed_session_keeps_the_chain_and_asks_for_no_verdict, kVersions, version) {
    TestListener listener;
    auto setting = with_certificate(listener, version);
    setting.session = full_handshake(listener, setting);

    Connection again(listener.context(), setting);
    BOOST_TEST((again.run() == Handshake::done));
    BOOST_TEST(again.server->resumed());
    BOOST_TEST(again.client.resumed());
    BOOST_TEST(again.verdicts_wanted == 0);
    BOOST_REQUIRE_EQUAL(again.server->peer_chain()->size(), 1U);
    BOOST_TEST((again.server->peer_chain()->leaf().der == listener.client.der));
}

BOOST_AUTO_TEST_CASE(tls_1_3_gives_a_ticket_only_when_told_to) {
    TestListener listener;
    const auto setting = with_certificate(listener, kTls13);
    Connection connection(listener.context(), setting);
    BOOST_REQUIRE((connection.run(Verdict::accept) == Handshake::done));
    std::string nothing;
    (void)connection.client.read(nothing);
    BOOST_TEST((gnutls_session_get_flags(connection.client.session()) &
                GNUTLS_SFLAGS_SESSION_TICKET) == 0U);
    connection.deliver_ticket();
    BOOST_TEST((gnutls_session_get_flags(connection.client.session()) &
                GNUTLS_SFLAGS_SESSION_TICKET) != 0U);
}

BOOST_AUTO_TEST_CASE(resumed_session_gives_no_further_ticket) {
    TestListener listener;
    auto setting = with_certificate(listener, kTls13);
    setting.session = full_handshake(listener, setting);
    Connection again(listener.context(), setting);
    BOOST_REQUIRE((again.run() == Handshake::done));
    again.to_client.bytes.clear();
    again.server->send_ticket();
    BOOST_TEST(again.to_client.bytes.empty());
}

BOOST_AUTO_TEST_CASE(ticket_held_back_by_a_full_wire_goes_before_the_data) {
    TestListener listener;
    auto setting = with_certificate(listener, kTls13);
    Connection connection(listener.context(), setting);
    BOOST_REQUIRE((connection.run(Verdict::accept) == Handshake::done));
    connection.to_client.full = true;
    connection.server->send_ticket();
    BOOST_TEST((connection.server->write(as_bytes("late")).status == ServerSession::Io::want_io));
    connection.to_client.full = false;
    BOOST_TEST(connection.server->write(as_bytes("late")).taken == 4U);
    std::string text;
    while (connection.client.read(text) == GNUTLS_E_AGAIN && !connection.to_client.bytes.empty()) {
    }
    BOOST_TEST(text == "late");
    BOOST_TEST(resumes(listener, setting, connection.client.session_data()));
}

BOOST_DATA_TEST_CASE(tickets_survive_a_new_context_of_the_same_settings, kVersions, version) {
    TestListener listener;
    const auto setting = with_certificate(listener, version);
    const Bytes session = full_handshake(listener, setting);
    BOOST_TEST(resumes(listener, setting, session));  // context() is built anew
}

BOOST_DATA_TEST_CASE(another_plugin_policy_makes_a_ticket_worthless, kVersions, version) {
    TestListener listener;
    const auto setting = with_certificate(listener, version);
    const Bytes session = full_handshake(listener, setting);
    BOOST_TEST(!resumes(listener, setting, session, kOtherPolicy));
}

BOOST_DATA_TEST_CASE(another_listener_or_policy_makes_a_ticket_worthless, kVersions, version) {
    TestListener listener;
    const auto setting = with_certificate(listener, version);
    const Bytes session = full_handshake(listener, setting);
    listener.settings.name = "other";
    BOOST_TEST(!resumes(listener, setting, session));
    listener.settings.name = "mcp";
    listener.settings.tls.trust = config::Trust::pin;
    BOOST_TEST(!resumes(listener, setting, session));
}

BOOST_DATA_TEST_CASE(another_set_of_anchors_makes_a_ticket_worthless, kVersions, version) {
    TestListener listener;
    const auto setting = with_certificate(listener, version);
    const Bytes session = full_handshake(listener, setting);
    const Issued second = issue_authority("second ca");
    listener.settings.tls.client_ca.push_back(listener.folder.write("second.crt", second.pem()));
    BOOST_TEST(!resumes(listener, setting, session));
}

BOOST_DATA_TEST_CASE(ticket_of_another_servers_certificate_is_worthless, kVersions, version) {
    TestListener listener;
    Wanted wanted;
    wanted.common_name = "other gate";
    wanted.dns = {"other.example"};
    wanted.issuer = &listener.authority;
    const Issued other = issue(wanted);
    listener.add_certificate("other", other);

    auto setting = with_certificate(listener, version);
    const Bytes session = full_handshake(listener, setting);
    setting.sni = "other.example";
    BOOST_TEST(!resumes(listener, setting, session));
}

BOOST_DATA_TEST_CASE(ticket_without_certificate_is_worthless_where_one_is_required, kVersions,
                     version) {
    TestListener listener;
    listener.settings.tls.client_certificate = config::ClientCertificate::optional;
    ClientSetting setting;
    setting.priority = version;
    setting.session = full_handshake(listener, setting);
    listener.settings.tls.client_certificate = config::ClientCertificate::require;
    Connection again(listener.context(), setting);
    BOOST_TEST((again.run() == Handshake::failed));
    BOOST_TEST(again.server->failure().reason == POSTERN_REASON_CERTIFICATE_REQUIRED);
}

BOOST_DATA_TEST_CASE(switched_off_tickets_are_neither_given_nor_taken, kVersions, version) {
    TestListener listener;
    listener.settings.tls.session_tickets = false;
    const auto setting = with_certificate(listener, version);
    const Bytes session = full_handshake(listener, setting);
    BOOST_TEST(!resumes(listener, setting, session));
}

BOOST_AUTO_TEST_CASE(no_ticket_holds_a_chain_of_more_than_six_kilobytes) {
    TestListener listener;
    Wanted wanted;
    wanted.issuer = &listener.authority;
    for (int i = 0; i < 300; ++i)
        wanted.dns.push_back("a-rather-long-name-" + std::to_string(i) + ".example");
    const Issued large = issue(wanted);
    ClientSetting setting;
    setting.certificates = {&large};
    Connection connection(listener.context(), setting);
    BOOST_REQUIRE((connection.run(Verdict::accept) == Handshake::done));
    connection.to_client.bytes.clear();
    connection.server->send_ticket();
    BOOST_TEST(connection.to_client.bytes.empty());

    setting.priority = kTls12;  // there it cannot be left out, and does no harm
    Connection older(listener.context(), setting);
    BOOST_TEST((older.run(Verdict::accept) == Handshake::done));
}

BOOST_AUTO_TEST_SUITE_END()
