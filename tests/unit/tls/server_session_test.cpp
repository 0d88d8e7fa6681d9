#include "core/tls/server_session.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/tls/test_client.h"
#include "tests/unit/tls/test_listener.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;
using Handshake = ServerSession::Handshake;
using Verdict = ServerSession::Verdict;
using Io = ServerSession::Io;

namespace {

const char* const kVersions[] = {kTls12, kTls13};

ClientSetting with_certificate(const TestListener& listener, const char* version) {
    ClientSetting setting;
    setting.priority = version;
    setting.certificates = {&listener.client};
    return setting;
}

int alert_read_by(Connection& connection) {
    return connection.client.read_alert(connection.client_status);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server_session)

BOOST_DATA_TEST_CASE(handshake_waits_for_the_verdict_and_goes_on, kVersions, version) {
    TestListener listener;
    Connection connection(listener.context(), with_certificate(listener, version));

    BOOST_TEST((connection.run() == Handshake::want_verdict));
    BOOST_TEST((connection.server->handshake() == Handshake::want_verdict));
    BOOST_REQUIRE_EQUAL(connection.server->peer_chain()->size(), 1U);
    BOOST_TEST((connection.server->peer_chain()->leaf().der == listener.client.der));

    connection.server->set_verdict(Verdict::accept);
    BOOST_TEST((connection.run() == Handshake::done));
    BOOST_TEST(connection.client_status == 0);
    BOOST_TEST(connection.verdicts_wanted == 1);
    BOOST_TEST(!connection.server->resumed());
    BOOST_TEST(connection.server->alpn() == "http/1.1");
}

BOOST_AUTO_TEST_CASE(what_was_settled_is_named_as_iana_does) {
    TestListener listener;
    Connection modern(listener.context(), with_certificate(listener, kTls13));
    BOOST_REQUIRE((modern.run(Verdict::accept) == Handshake::done));
    BOOST_TEST(modern.server->version() == 0x0304);
    BOOST_TEST(modern.server->version_name() == "TLS 1.3");
    BOOST_TEST(modern.server->cipher() == 0x1301);
    BOOST_TEST(modern.server->cipher_name() == "TLS_AES_128_GCM_SHA256");
    BOOST_TEST(modern.server->group_name() == "X25519");

    Connection older(listener.context(), with_certificate(listener, kTls12));
    BOOST_REQUIRE((older.run(Verdict::accept) == Handshake::done));
    BOOST_TEST(older.server->version() == 0x0303);
    BOOST_TEST(older.server->cipher() == 0xc02b);
    BOOST_TEST(older.server->cipher_name() == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
}

BOOST_DATA_TEST_CASE(refused_client_sees_the_alert_that_was_chosen, kVersions, version) {
    TestListener listener;
    Connection connection(listener.context(), with_certificate(listener, version));
    BOOST_TEST((connection.run(Verdict::refuse) == Handshake::failed));
    connection.server->send_alert(44);
    connection.server->send_alert(80);  // the first counts
    BOOST_TEST(alert_read_by(connection) == 44);
}

BOOST_AUTO_TEST_CASE(missing_certificate_is_told_by_the_host_in_each_versions_words) {
    TestListener listener;
    for (const auto& [version, expected] : {std::pair(kTls12, 40), std::pair(kTls13, 116)}) {
        ClientSetting setting;
        setting.priority = version;
        Connection connection(listener.context(), setting);
        BOOST_TEST((connection.run() == Handshake::failed));
        BOOST_TEST(connection.server->failure().reason == POSTERN_REASON_CERTIFICATE_REQUIRED);
        BOOST_TEST(connection.to_client.bytes.empty());  // no alert of its own
        connection.server->send_alert(116);
        BOOST_TEST(alert_read_by(connection) == expected);
    }
}

BOOST_DATA_TEST_CASE(optional_certificate_may_be_absent, kVersions, version) {
    TestListener listener;
    listener.settings.tls.client_certificate = config::ClientCertificate::optional;
    ClientSetting setting;
    setting.priority = version;
    Connection connection(listener.context(), setting);
    BOOST_TEST((connection.run() == Handshake::done));
    BOOST_TEST(connection.verdicts_wanted == 0);
    BOOST_TEST(connection.server->peer_chain()->size() == 0U);

    Connection given(listener.context(), with_certificate(listener, version));
    BOOST_TEST((given.run() == Handshake::want_verdict));
}

BOOST_DATA_TEST_CASE(no_certificate_is_asked_for_where_none_is_wanted, kVersions, version) {
    TestListener listener;
    listener.settings.tls.client_certificate = config::ClientCertificate::none;
    Connection connection(listener.context(), with_certificate(listener, version));
    BOOST_TEST((connection.run() == Handshake::done));
    BOOST_TEST(connection.server->peer_chain()->size() == 0U);
}

BOOST_DATA_TEST_CASE(data_passes_both_ways_and_ends_in_order, kVersions, version) {
    TestListener listener;
    Connection connection(listener.context(), with_certificate(listener, version));
    BOOST_REQUIRE((connection.run(Verdict::accept) == Handshake::done));

    std::uint8_t buffer[64];
    BOOST_TEST((connection.server->read(buffer).status == Io::want_io));
    BOOST_TEST(connection.client.write("ping") == 4);
    const auto read = connection.server->read(buffer);
    BOOST_TEST((read.status == Io::done));
    BOOST_TEST(as_text({buffer, read.size}) == "ping");

    const std::string answer(40000, 'x');
    const auto written = connection.server->write(as_bytes(answer));
    BOOST_TEST((written.status == Io::done));
    BOOST_TEST(written.taken == answer.size());
    std::string received;
    for (std::string part; received.size() < answer.size();) {
        BOOST_REQUIRE_GT(connection.client.read(part), 0);
        received += part;
    }
    BOOST_TEST((received == answer));

    gnutls_bye(connection.client.session(), GNUTLS_SHUT_WR);
    BOOST_TEST((connection.server->read(buffer).status == Io::closed));
    connection.server->send_close_notify();
    BOOST_TEST(connection.client.read(received) == 0);
}

BOOST_DATA_TEST_CASE(a_full_wire_loses_and_doubles_nothing, kVersions, version) {
    TestListener listener;
    Connection connection(listener.context(), with_certificate(listener, version));
    BOOST_REQUIRE((connection.run(Verdict::accept) == Handshake::done));

    connection.to_client.full = true;
    const std::string answer = "a response of some length";
    BOOST_TEST((connection.server->write(as_bytes(answer)).status == Io::want_io));
    BOOST_TEST((connection.server->write(as_bytes(answer)).status == Io::want_io));
    connection.to_client.full = false;
    const std::string longer = answer + ", and more of it";
    const auto written = connection.server->write(as_bytes(longer));
    BOOST_TEST((written.status == Io::done));
    BOOST_TEST(written.taken == longer.size());
    std::string received;
    for (std::string part; connection.client.read(part) > 0;) received += part;
    BOOST_TEST(received == longer);
}

BOOST_AUTO_TEST_CASE(old_protocol_versions_are_refused_with_their_alert) {
    TestListener listener;
    ClientSetting setting;
    setting.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1";
    Connection connection(listener.context(), setting);
    BOOST_TEST((connection.run() == Handshake::failed));
    BOOST_TEST(connection.server->failure().reason == POSTERN_REASON_PROTOCOL_VERSION);
    BOOST_TEST(alert_read_by(connection) == GNUTLS_A_PROTOCOL_VERSION);
}

BOOST_AUTO_TEST_CASE(modern_policy_refuses_tls_1_2) {
    TestListener listener;
    listener.settings.tls.policy = "modern-2026";
    Connection connection(listener.context(), with_certificate(listener, kTls12));
    BOOST_TEST((connection.run() == Handshake::failed));
    BOOST_TEST(connection.server->failure().reason == POSTERN_REASON_PROTOCOL_VERSION);
}

BOOST_AUTO_TEST_CASE(no_common_suite_is_said_so) {
    TestListener listener;
    ClientSetting setting;
    setting.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA";
    Connection connection(listener.context(), setting);
    BOOST_TEST((connection.run() == Handshake::failed));
    BOOST_TEST(connection.server->failure().reason == POSTERN_REASON_NO_COMMON_PARAMETERS);
    BOOST_TEST(alert_read_by(connection) == GNUTLS_A_HANDSHAKE_FAILURE);
}

BOOST_DATA_TEST_CASE(alpn_is_optional_but_other_protocols_alone_are_refused, kVersions, version) {
    TestListener listener;
    auto setting = with_certificate(listener, version);
    setting.alpn = {};
    Connection silent(listener.context(), setting);
    BOOST_TEST((silent.run(Verdict::accept) == Handshake::done));
    BOOST_TEST(silent.server->alpn().empty());

    setting.alpn = {"h2", "http/1.1"};
    Connection both(listener.context(), setting);
    BOOST_TEST((both.run(Verdict::accept) == Handshake::done));
    BOOST_TEST(both.server->alpn() == "http/1.1");

    setting.alpn = {"h2"};
    Connection other(listener.context(), setting);
    BOOST_TEST((other.run(Verdict::accept) == Handshake::failed));
    BOOST_TEST(other.server->failure().reason == POSTERN_REASON_NO_COMMON_PARAMETERS);
    BOOST_TEST(alert_read_by(other) == 120);
}

BOOST_AUTO_TEST_CASE(handshake_goes_through_a_hello_retry_request) {
    TestListener listener;
    auto setting = with_certificate(listener, kTls13);
    setting.priority = std::string(kTls13) + ":-GROUP-ALL:+GROUP-SECP521R1:+GROUP-SECP256R1";
    Connection connection(listener.context(), setting);
    BOOST_TEST((connection.run(Verdict::accept) == Handshake::done));
    BOOST_TEST(connection.server->group_name() == "SECP256R1");
    BOOST_TEST(connection.verdicts_wanted == 1);
}

BOOST_AUTO_TEST_CASE(second_hello_may_not_ask_for_another_name) {
    TestListener listener;
    auto setting = with_certificate(listener, kTls13);
    setting.priority = std::string(kTls13) + ":-GROUP-ALL:+GROUP-SECP521R1:+GROUP-SECP256R1";
    Connection connection(listener.context(), setting);
    BOOST_REQUIRE((connection.server->handshake() == Handshake::want_io));
    (void)connection.client.handshake();  // writes the second hello

    const std::string name = "gate.example";
    auto& bytes = connection.to_server.bytes;
    const auto at = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
    BOOST_REQUIRE((at != bytes.end()));
    *at = 'f';
    BOOST_TEST((connection.server->handshake() == Handshake::failed));
    BOOST_TEST(alert_read_by(connection) == GNUTLS_A_ILLEGAL_PARAMETER);
}

BOOST_AUTO_TEST_CASE(hello_on_the_wire_has_to_be_the_one_that_was_asked_about) {
    TestListener listener;
    Connection connection(listener.context(), with_certificate(listener, kTls13));
    connection.to_server.bytes[5 + 4 + 2] ^= 1;  // in the random
    BOOST_TEST((connection.server->handshake() == Handshake::failed));
}

BOOST_DATA_TEST_CASE(hello_in_one_byte_records_is_served, kVersions, version) {
    TestListener listener;
    Pipe to_server;
    Pipe to_client;
    TestClient client(with_certificate(listener, version), to_client, to_server);
    (void)client.handshake();
    Bytes split;
    for (std::size_t i = 5; i < to_server.bytes.size(); ++i) {
        const std::uint8_t record[] = {22, 3, 1, 0, 1, to_server.bytes[i]};
        split.insert(split.end(), std::begin(record), std::end(record));
    }
    const HelloResult hello = read_client_hello(split);
    BOOST_REQUIRE((hello.status == HelloStatus::complete));
    to_server.bytes = split;

    PipeWire wire(to_server, to_client);
    auto session = ServerSession::create(listener.context(), wire, hello.hello, {});
    BOOST_REQUIRE(session.ok());
    ServerSession& server = **session;
    Handshake status = Handshake::want_io;
    for (int i = 0; i < 10 && status == Handshake::want_io; ++i) {
        status = server.handshake();
        (void)client.handshake();
    }
    BOOST_TEST(server.failure().detail == "");
    BOOST_TEST((status == Handshake::want_verdict));
}

BOOST_AUTO_TEST_CASE(renegotiation_ends_the_connection) {
    TestListener listener;
    Connection connection(listener.context(), with_certificate(listener, kTls12));
    BOOST_REQUIRE((connection.run(Verdict::accept) == Handshake::done));
    (void)gnutls_handshake(connection.client.session());
    std::uint8_t buffer[64];
    BOOST_TEST((connection.server->read(buffer).status == Io::failed));
    BOOST_TEST(connection.server->failure().reason == POSTERN_REASON_TLS_ERROR);
    BOOST_TEST((connection.server->read(buffer).status == Io::failed));
}

BOOST_DATA_TEST_CASE(peer_that_leaves_or_complains_is_said_so, kVersions, version) {
    TestListener listener;
    Connection leaving(listener.context(), with_certificate(listener, version));
    leaving.to_server.closed = true;
    Handshake status = Handshake::want_io;
    for (int i = 0; i < 3 && status == Handshake::want_io; ++i)
        status = leaving.server->handshake();
    BOOST_TEST((status == Handshake::failed));
    BOOST_TEST(leaving.server->failure().reason == POSTERN_REASON_PEER_CLOSED);
}

BOOST_AUTO_TEST_CASE(alert_of_the_peer_is_named_in_the_failure) {
    TestListener listener;
    Connection during(listener.context(), with_certificate(listener, kTls12));
    BOOST_REQUIRE((during.server->handshake() == Handshake::want_io));
    const std::uint8_t alert[] = {21, 3, 3, 0, 2, 2, 42};
    during.to_server.bytes.assign(std::begin(alert), std::end(alert));
    BOOST_TEST((during.server->handshake() == Handshake::failed));
    BOOST_TEST(during.server->failure().reason == POSTERN_REASON_PEER_ALERT);
    BOOST_TEST(during.server->failure().detail == "the peer sent the alert bad_certificate (42)");

    Connection after(listener.context(), with_certificate(listener, kTls13));
    BOOST_REQUIRE((after.run(Verdict::accept) == Handshake::done));
    gnutls_alert_send(after.client.session(), GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED);
    std::uint8_t buffer[16];
    BOOST_TEST((after.server->read(buffer).status == Io::failed));
    BOOST_TEST(after.server->failure().reason == POSTERN_REASON_PEER_ALERT);
}

BOOST_DATA_TEST_CASE(a_certificate_that_cannot_be_read_is_refused_by_the_session, kVersions,
                     version) {
    TestListener listener;
    Wanted wanted;
    wanted.extensions = {{"2.5.29.31", {0x05, 0x00}}};  // no list of distribution points
    wanted.issuer = &listener.authority;
    const Issued malformed = issue(wanted);
    ClientSetting setting;
    setting.priority = version;
    setting.certificates = {&malformed};
    Connection connection(listener.context(), setting);
    BOOST_TEST((connection.run() == Handshake::failed));
    BOOST_TEST(connection.server->failure().reason == POSTERN_REASON_CERTIFICATE_MALFORMED);
    BOOST_TEST(alert_read_by(connection) == GNUTLS_A_BAD_CERTIFICATE);
}

BOOST_DATA_TEST_CASE(a_chain_of_seventeen_is_refused, kVersions, version) {
    TestListener listener;
    std::vector<Issued> authorities;
    authorities.push_back(issue_authority("root"));
    for (int i = 1; i < 16; ++i)
        authorities.push_back(issue_authority("ca " + std::to_string(i), &authorities.back()));
    Wanted wanted;
    wanted.issuer = &authorities.back();
    const Issued leaf = issue(wanted);
    ClientSetting setting;
    setting.priority = version;
    setting.certificates = {&leaf};
    for (auto ca = authorities.rbegin(); ca != authorities.rend(); ++ca)
        setting.certificates.push_back(&*ca);
    Connection connection(listener.context(), setting);
    BOOST_TEST((connection.run() == Handshake::failed));
    BOOST_TEST(connection.verdicts_wanted == 0);
    BOOST_TEST(connection.server->failure().detail != "");
    BOOST_TEST(alert_read_by(connection) != -1);
}

BOOST_AUTO_TEST_SUITE_END()
