#include "core/tls/client_session.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/tls/test_listener.h"
#include "tests/unit/tls/test_server.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;
using Handshake = Session::Handshake;
using Verdict = Session::Verdict;
using Io = Session::Io;

namespace {

const char* const kVersions[] = {kTls12, kTls13};

// What the host says of a server whose certificate is this one.
std::uint32_t flags_of(const TestUpstream& upstream, const Issued& certificate,
                       std::string_view name = "gate.example") {
    ServerSetting setting = upstream.served(kTls13);
    setting.certificates = {&certificate};
    ClientConnection connection(upstream.context(), setting, name);
    BOOST_REQUIRE((connection.run() == Handshake::want_verdict));
    return connection.judge().flags;
}

int alert_read_by(ClientConnection& connection) {
    return connection.server.read_alert(connection.server_status);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(client_session)

BOOST_DATA_TEST_CASE(good_server_is_judged_in_the_handshake_and_then_talked_to, kVersions,
                     version) {
    const TestUpstream upstream;
    ClientConnection connection(upstream.context(), upstream.served(version));
    BOOST_REQUIRE((connection.run() == Handshake::want_verdict));
    BOOST_TEST((connection.client->handshake() == Handshake::want_verdict));
    BOOST_TEST((connection.client->read({}).status == Io::failed));  // not before the verdict
    BOOST_TEST(connection.judge().flags == 0U);
    BOOST_TEST(connection.judge().verified->size() == 2U);

    connection.client->set_verdict(Verdict::accept);
    BOOST_REQUIRE((connection.run() == Handshake::done));
    BOOST_TEST(connection.verdicts_wanted == 1);
    BOOST_TEST(!connection.client->resumed());
    BOOST_TEST(connection.server.server_name() == "gate.example");

    BOOST_TEST(connection.client->write(as_bytes("ping")).taken == 4U);
    std::string text;
    while (connection.server_status != 0) connection.server_status = connection.server.handshake();
    BOOST_TEST(connection.server.read(text) == 4);
    BOOST_TEST(text == "ping");
    connection.server.write("pong");
    BOOST_TEST((connection.read(text).status == Io::done));
    BOOST_TEST(text == "pong");
}

BOOST_AUTO_TEST_CASE(it_speaks_with_our_own_server_session) {
    TestListener listener;
    config::ClientTls settings;
    settings.trusted_ca = listener.settings.tls.client_ca;
    settings.certificate = listener.folder.write("client.crt", listener.client.pem());
    settings.private_key = listener.folder.write("client.key", listener.client.key_pem());
    auto context = ClientContext::create(settings);
    BOOST_REQUIRE(context.ok());

    Pipe to_server;
    Pipe to_client;
    PipeWire client_wire(to_client, to_server);
    PipeWire server_wire(to_server, to_client);
    auto client =
        *ClientSession::create(*context, client_wire, *parse_server_name("GATE.example."));
    BOOST_REQUIRE((client->handshake() == Handshake::want_io));
    const HelloResult hello = read_client_hello(to_server.bytes);
    BOOST_REQUIRE((hello.status == HelloStatus::complete));
    BOOST_TEST(hello.hello.sni == "gate.example");
    BOOST_TEST((hello.hello.alpn == std::vector<std::string>{"http/1.1"}));
    auto server = *ServerSession::create(listener.context(), server_wire, hello.hello, {});

    bool client_done = false;
    bool server_done = false;
    for (int i = 0; i < 10 && !(client_done && server_done); ++i) {
        for (Session* side :
             {static_cast<Session*>(server.get()), static_cast<Session*>(client.get())}) {
            const auto status = side->handshake();
            BOOST_REQUIRE((status != Handshake::failed));
            if (status == Handshake::want_verdict) side->set_verdict(Verdict::accept);
            if (status == Handshake::done)
                (side == server.get() ? server_done : client_done) = true;
        }
    }
    BOOST_REQUIRE((client_done && server_done));
    BOOST_TEST((server->peer_chain()->leaf().der == listener.client.der));
    BOOST_TEST((client->peer_chain()->leaf().der == listener.gate.der));
    BOOST_TEST(client->alpn() == "http/1.1");
    BOOST_TEST(client->version_name() == "TLS 1.3");
    BOOST_TEST(client->cipher_name() == "TLS_AES_128_GCM_SHA256");
}

BOOST_AUTO_TEST_CASE(server_of_an_unknown_authority_is_found_out) {
    const TestUpstream upstream;
    const Issued other = issue_authority("other ca");
    const Issued stranger = upstream.issue_server([&](Wanted& wanted) { wanted.issuer = &other; });
    BOOST_TEST(flags_of(upstream, stranger) == POSTERN_VERIFY_UNKNOWN_AUTHORITY);
}

BOOST_AUTO_TEST_CASE(certificate_has_to_be_for_the_name_that_was_asked_for) {
    const TestUpstream upstream;
    BOOST_TEST(flags_of(upstream, upstream.server) == 0U);
    BOOST_TEST(flags_of(upstream, upstream.server, "other.example") ==
               POSTERN_VERIFY_NAME_MISMATCH);
    // The common name is no name.
    BOOST_TEST(flags_of(upstream, upstream.server, "gate") == POSTERN_VERIFY_NAME_MISMATCH);
    const Issued nameless = upstream.issue_server([](Wanted& wanted) {
        wanted.common_name = "gate.example";
        wanted.dns.clear();
        wanted.ip.clear();
    });
    BOOST_TEST(flags_of(upstream, nameless) == POSTERN_VERIFY_NAME_MISMATCH);

    BOOST_TEST(reason_of_verification(POSTERN_VERIFY_NAME_MISMATCH) ==
               POSTERN_REASON_NAME_MISMATCH);
    ClientConnection connection(upstream.context(), upstream.served(kTls13), "other.example");
    BOOST_REQUIRE((connection.run() == Handshake::want_verdict));
    BOOST_TEST(connection.judge().detail ==
               "the certificate is not for \"other.example\" but for gate.example 192.0.2.1");
    BOOST_TEST(connection.judge().verified == nullptr);
}

BOOST_DATA_TEST_CASE(address_is_found_among_the_addresses_and_no_name_is_sent, kVersions, version) {
    const TestUpstream upstream;
    ClientConnection connection(upstream.context(), upstream.served(version), "192.0.2.1");
    BOOST_TEST((connection.run_and_judge() == Handshake::done));
    BOOST_TEST(connection.server.server_name() == "");
    BOOST_TEST(flags_of(upstream, upstream.server, "192.0.2.2") == POSTERN_VERIFY_NAME_MISMATCH);

    // An address in the place of a DNS name is none.
    const Issued as_name = upstream.issue_server([](Wanted& wanted) {
        wanted.dns = {"192.0.2.1"};
        wanted.ip.clear();
    });
    BOOST_TEST(flags_of(upstream, as_name, "192.0.2.1") == POSTERN_VERIFY_NAME_MISMATCH);
}

BOOST_AUTO_TEST_CASE(expired_certificate_and_one_that_is_not_valid_yet_are_found_out) {
    const TestUpstream upstream;
    ClientConnection connection(upstream.context(), upstream.served(kTls13));
    BOOST_REQUIRE((connection.run() == Handshake::want_verdict));
    BOOST_TEST(connection.judge(kNow + 40 * kDay).flags == POSTERN_VERIFY_EXPIRED);
    BOOST_TEST(connection.judge(kNow - 2 * kDay).flags == POSTERN_VERIFY_NOT_YET_VALID);
    BOOST_TEST(connection.judge().flags == 0U);
}

BOOST_AUTO_TEST_CASE(certificate_for_clients_alone_is_no_servers) {
    const TestUpstream upstream;
    const Issued client =
        upstream.issue_server([](Wanted& wanted) { wanted.purposes = {GNUTLS_KP_TLS_WWW_CLIENT}; });
    BOOST_TEST((flags_of(upstream, client) & POSTERN_VERIFY_WRONG_PURPOSE) != 0U);
}

BOOST_AUTO_TEST_CASE(under_trust_pin_the_chain_is_left_to_pins_and_the_rest_still_counts) {
    TestUpstream upstream;
    upstream.settings.trust = config::Trust::pin;
    upstream.settings.trusted_ca.clear();
    const auto self_signed = [&](const std::function<void(Wanted&)>& change) {
        return upstream.issue_server([&](Wanted& wanted) {
            wanted.issuer = nullptr;
            change(wanted);
        });
    };
    BOOST_TEST(flags_of(upstream, self_signed([](Wanted&) {})) == POSTERN_VERIFY_SKIPPED);
    BOOST_TEST(flags_of(upstream, self_signed([](Wanted& wanted) { wanted.dns = {"other"}; })) ==
               (POSTERN_VERIFY_SKIPPED | POSTERN_VERIFY_NAME_MISMATCH));
    // As the .NET server's own certificate: whose it is, its pin says.
    BOOST_TEST(flags_of(upstream, self_signed([](Wanted& wanted) {
                            wanted.dns.clear();
                            wanted.ip.clear();
                        })) == POSTERN_VERIFY_SKIPPED);
    BOOST_TEST(flags_of(upstream, self_signed([](Wanted& wanted) {
                            wanted.not_after = kNow - 3600;
                        })) == (POSTERN_VERIFY_SKIPPED | POSTERN_VERIFY_EXPIRED));
    BOOST_TEST(flags_of(upstream, self_signed([](Wanted& wanted) {
                            wanted.purposes = {GNUTLS_KP_TLS_WWW_CLIENT};
                        })) == (POSTERN_VERIFY_SKIPPED | POSTERN_VERIFY_WRONG_PURPOSE));
}

BOOST_DATA_TEST_CASE(refused_server_sees_the_alert_that_was_chosen, kVersions, version) {
    const TestUpstream upstream;
    ClientConnection connection(upstream.context(), upstream.served(version));
    BOOST_REQUIRE((connection.run() == Handshake::want_verdict));
    connection.client->set_verdict(Verdict::refuse);
    BOOST_TEST((connection.run() == Handshake::failed));
    connection.client->send_alert(44);
    BOOST_TEST(alert_read_by(connection) == 44);
    BOOST_TEST((connection.client->write(as_bytes("no")).status == Io::failed));
}

BOOST_DATA_TEST_CASE(own_certificate_is_sent_when_it_is_asked_for, kVersions, version) {
    TestUpstream upstream;
    const Issued own = issue(Wanted());  // of an authority that the server does not name
    upstream.settings.certificate = upstream.folder.write("own.crt", own.pem());
    upstream.settings.private_key = upstream.folder.write("own.key", own.key_pem());
    ServerSetting setting = upstream.served(version);
    setting.asks_for_certificate = true;
    ClientConnection connection(upstream.context(), setting);
    BOOST_REQUIRE((connection.run_and_judge() == Handshake::done));
    std::string nothing;
    connection.read(nothing);
    BOOST_TEST(connection.server_status == 0);
    BOOST_TEST(connection.server.peer_name() == "client");
}

BOOST_AUTO_TEST_CASE(server_that_wants_a_certificate_and_gets_none_says_so) {
    const TestUpstream upstream;
    for (const char* version : kVersions) {
        ServerSetting setting = upstream.served(version);
        setting.asks_for_certificate = true;
        ClientConnection connection(upstream.context(), setting);
        auto status = connection.run_and_judge();
        gnutls_alert_send_appropriate(connection.server.session(), connection.server_status);
        std::string nothing;
        if (status == Handshake::done) {
            BOOST_TEST((connection.read(nothing).status == Io::failed));
            gnutls_alert_send_appropriate(connection.server.session(), connection.server_status);
            status = Handshake::failed;
        } else {
            status = connection.run();
        }
        BOOST_TEST((status == Handshake::failed));
    }
}

BOOST_DATA_TEST_CASE(stream_cut_without_close_notify_is_a_failure, kVersions, version) {
    const TestUpstream upstream;
    for (const bool in_order : {true, false}) {
        ClientConnection connection(upstream.context(), upstream.served(version));
        BOOST_REQUIRE((connection.run_and_judge() == Handshake::done));
        std::string text;
        connection.read(text);
        BOOST_REQUIRE(connection.server_status == 0);
        connection.server.write("half an ans");
        if (in_order) gnutls_bye(connection.server.session(), GNUTLS_SHUT_WR);
        connection.to_client.closed = true;

        BOOST_TEST((connection.read(text).status == Io::done));
        BOOST_TEST(text == "half an ans");
        BOOST_TEST((connection.read(text).status == (in_order ? Io::closed : Io::failed)));
        if (in_order) continue;
        BOOST_TEST(connection.client->failure().reason == POSTERN_REASON_PEER_CLOSED);
        BOOST_TEST(connection.client->failure().detail ==
                   "the connection ended without close_notify");
        BOOST_TEST((connection.read(text).status == Io::failed));
    }
}

BOOST_DATA_TEST_CASE(staples_are_there_when_the_verdict_is_asked_for, kVersions, version) {
    const TestUpstream upstream;
    ServerSetting setting = upstream.served(version);
    setting.staple = {0x30, 0x03, 0x0a, 0x01, 0x00};
    ClientConnection stapled(upstream.context(), setting);
    BOOST_REQUIRE((stapled.run() == Handshake::want_verdict));
    BOOST_REQUIRE(stapled.client->staples().size() == 1U);
    BOOST_TEST((stapled.client->staples()[0] == setting.staple));

    ClientConnection bare(upstream.context(), upstream.served(version));
    BOOST_REQUIRE((bare.run() == Handshake::want_verdict));
    BOOST_TEST(bare.client->staples().empty());
}

BOOST_DATA_TEST_CASE(resumed_session_asks_for_no_verdict_and_shows_the_chain_again, kVersions,
                     version) {
    const TestUpstream upstream;
    ServerSetting setting = upstream.served(version);
    setting.ticket_key = Bytes(64, 7);
    const auto context = upstream.context();
    const auto connect = [&](std::string_view name) {
        ClientConnection connection(context, setting, name);
        BOOST_REQUIRE((connection.run_and_judge() == Handshake::done));
        std::string text;
        connection.read(text);
        connection.server.write("x");
        connection.read(text);  // the ticket comes along
        BOOST_TEST(connection.client->peer_chain()->size() == 1U);
        BOOST_TEST((connection.client->peer_chain()->leaf().der == upstream.server.der));
        BOOST_TEST(connection.judge().flags == 0U);
        BOOST_TEST(connection.verdicts_wanted == (connection.client->resumed() ? 0 : 1));
        BOOST_TEST(connection.client->staples().empty());
        return connection.client->resumed();
    };
    BOOST_TEST(!connect("gate.example"));
    BOOST_TEST(connect("gate.example"));
    BOOST_TEST(!connect("192.0.2.1"));  // another name, another ticket
    setting.ticket_key = Bytes(64, 8);
    BOOST_TEST(!connect("gate.example"));
}

BOOST_AUTO_TEST_CASE(no_ticket_of_a_server_that_was_refused_is_kept) {
    const TestUpstream upstream;
    ServerSetting setting = upstream.served(kTls12);
    setting.ticket_key = Bytes(64, 7);
    const auto context = upstream.context();
    ClientConnection refused(context, setting);
    BOOST_REQUIRE((refused.run() == Handshake::want_verdict));
    refused.client->set_verdict(Verdict::refuse);
    BOOST_REQUIRE((refused.run() == Handshake::failed));
    ClientConnection again(context, setting);
    BOOST_REQUIRE((again.run_and_judge() == Handshake::done));
    BOOST_TEST(!again.client->resumed());
}

BOOST_AUTO_TEST_CASE(renegotiation_by_the_server_ends_the_connection) {
    const TestUpstream upstream;
    ClientConnection connection(upstream.context(), upstream.served(kTls12));
    BOOST_REQUIRE((connection.run_and_judge() == Handshake::done));
    while (connection.server_status != 0) connection.server_status = connection.server.handshake();
    gnutls_rehandshake(connection.server.session());
    std::string text;
    BOOST_TEST((connection.read(text).status == Io::failed));
    BOOST_TEST(connection.client->failure().reason == POSTERN_REASON_TLS_ERROR);
}

BOOST_AUTO_TEST_CASE(server_without_a_version_that_the_policy_allows_is_said_so) {
    TestUpstream upstream;
    upstream.settings.policy = "modern-2026";
    ClientConnection connection(upstream.context(), upstream.served(kTls12));
    BOOST_REQUIRE((connection.run() != Handshake::done));
    gnutls_alert_send_appropriate(connection.server.session(), connection.server_status);
    BOOST_TEST((connection.run() == Handshake::failed));
    BOOST_TEST(connection.client->failure().reason == POSTERN_REASON_PEER_ALERT);
}

BOOST_AUTO_TEST_SUITE_END()
