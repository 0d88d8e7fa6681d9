#include "core/upstream/http/tls_connection.h"

#include <atomic>
#include <future>

#include <boost/test/data/test_case.hpp>

#include "tests/unit/upstream_tls/tls_bench.h"
#include "tests/unit/upstream_tls/tls_server.h"

using namespace postern;
using namespace postern::upstream;
using namespace postern::upstream::test;
using plugin::test::entry;

namespace {

const char* const kVersions[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"};

void echo(gnutls_session_t session, int) {
    for (;;) {
        const std::string text = TlsServerThread::read(session, 4);
        if (text.size() < 4) return;
        TlsServerThread::write(session, text);
    }
}

void nothing(gnutls_session_t session, int) {
    TlsServerThread::read(session, 1);
}

std::string fault_of(const Certificates& certificates, const Issued& server,
                     const std::vector<config::PipelineEntry>& entries = {},
                     const std::string& name = "gate.example") {
    TlsServerThread peer(server, 1, nothing);
    Caller caller(certificates.settings, entries, name);
    std::string fault = caller.connect(peer.port());
    caller.transport.reset();
    return fault;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_connection)

BOOST_DATA_TEST_CASE(request_and_answer_go_through_and_the_connection_is_used_again, kVersions,
                     version) {
    const Certificates certificates;
    TlsServerThread peer(certificates.server, 1, echo, version);
    Caller caller(certificates.settings);
    BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), "");
    for (int i = 0; i < 3; ++i) {
        caller.send("ping");
        BOOST_TEST(caller.receive(4) == "ping");
        BOOST_TEST(caller.transport->rest());
        BOOST_TEST(!caller.transport->is_stale());
    }
    caller.transport.reset();
}

BOOST_AUTO_TEST_CASE(megabytes_both_ways_come_whole) {
    const Certificates certificates;
    constexpr std::size_t kSize = 3'000'000;
    TlsServerThread peer(certificates.server, 1, [](gnutls_session_t session, int) {
        const std::string text = TlsServerThread::read(session, kSize);
        TlsServerThread::write(session, text);
    });
    Caller caller(certificates.settings);
    BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), "");
    std::string text(kSize, 0);
    for (std::size_t i = 0; i < kSize; ++i) text[i] = static_cast<char>(i * i % 251);
    caller.send(text);
    BOOST_TEST((caller.receive(kSize) == text));
    caller.transport.reset();
}

BOOST_AUTO_TEST_CASE(host_refuses_by_itself_and_says_what_is_wrong) {
    const Certificates certificates;
    const Issued stranger = issue_now([](Wanted&) {});
    BOOST_TEST(fault_of(certificates, stranger).find("not issued by a trusted authority") !=
               std::string::npos);
    BOOST_TEST(fault_of(certificates, certificates.server, {}, "other.example") ==
               "the certificate is for another name: the certificate is not for "
               "\"other.example\" but for gate.example");
    const Issued expired = issue_now([&](Wanted& wanted) {
        wanted.issuer = &certificates.authority;
        wanted.not_after = system_clock().wall_seconds() - 60;
    });
    BOOST_TEST(fault_of(certificates, expired).find("has expired") != std::string::npos);
    // Whatever a plugin says.
    BOOST_TEST(fault_of(certificates, stranger, {entry("pinning_parallel", "p", "allow")}) != "");
}

BOOST_AUTO_TEST_CASE(plugins_are_asked_as_a_client_and_their_no_counts) {
    const Certificates certificates;
    for (const char* plugin : {"validator_parallel", "validator_serial", "pinning_parallel",
                               "revocation_parallel", "limiter_parallel"})
        BOOST_TEST(fault_of(certificates, certificates.server,
                            {entry(plugin, "x", "deny_outbound")}) != "");
    auto silent = entry("validator_parallel", "x", "after_cancel");
    silent.timeout_ns = kSecond / 10;
    BOOST_TEST(
        fault_of(certificates, certificates.server, {silent}).find("did not answer in time") !=
        std::string::npos);
}

BOOST_DATA_TEST_CASE(answer_that_comes_later_lets_the_handshake_go_on, kVersions, version) {
    const Certificates certificates;
    TlsServerThread peer(certificates.server, 1, echo, version);
    Caller caller(certificates.settings, {entry("validator_parallel", "v", "thread"),
                                          entry("validator_serial", "s", "allow"),
                                          entry("limiter_parallel", "l", "thread")});
    BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), "");
    caller.send("ping");
    BOOST_TEST(caller.receive(4) == "ping");
    // The certificate, and once established.
    BOOST_TEST(caller.metric("v_calls") == 1);
    BOOST_TEST(caller.metric("l_calls") == 1);
    caller.transport.reset();
    caller.settle();
    BOOST_TEST(caller.metric("v_closes") == 1);
    BOOST_TEST(caller.metric("l_releases") == 1);
}

BOOST_AUTO_TEST_CASE(trust_pin_takes_what_is_pinned_and_nothing_else) {
    Certificates certificates;
    certificates.settings.trust = config::Trust::pin;
    const Issued self_signed = issue_now([](Wanted&) {});
    BOOST_TEST(fault_of(certificates, self_signed).find("neither the certificate nor its key") ==
               0U);
    BOOST_TEST(fault_of(certificates, self_signed, {entry("validator_parallel", "v", "allow")}) !=
               "");
    auto observed = entry("pinning_parallel", "p", "allow");
    observed.mode = config::Mode::observe;
    BOOST_TEST(fault_of(certificates, self_signed, {observed}) != "");
    const auto pinned = entry("pinning_parallel", "p", "allow");
    BOOST_TEST(fault_of(certificates, self_signed, {pinned}) == "");
    BOOST_TEST(fault_of(certificates, self_signed, {pinned}, "other.example") != "");
}

BOOST_DATA_TEST_CASE(resumed_session_is_judged_and_asked_about_again, kVersions, version) {
    const Certificates certificates;
    std::atomic<int> resumed{0};
    TlsServerThread peer(
        certificates.server, 3,
        [&](gnutls_session_t session, int number) {
            resumed += gnutls_session_is_resumed(session);
            echo(session, number);
        },
        version);
    Caller caller(certificates.settings, {entry("validator_parallel", "v", "thread"),
                                          entry("limiter_parallel", "l", "thread")});
    for (int i = 1; i <= 3; ++i) {
        BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), "");
        BOOST_TEST(caller.metric("v_calls") == i);
        BOOST_TEST(caller.metric("l_calls") == i);
        caller.send("ping");
        BOOST_TEST(caller.receive(4) == "ping");
        caller.transport.reset();
    }
    BOOST_TEST(resumed == 2);
    // The tickets are there; the rules have become another's.
    auto strict = plugin::Pipeline::build(caller.loader, caller.environment,
                                          {entry("validator_parallel", "w", "deny")}, "strict",
                                          plugin::Role::client);
    BOOST_REQUIRE(strict.ok());
    BOOST_REQUIRE((*strict)->start().ok());
    caller.server->pipeline = std::move(*strict);
    TlsServerThread again(certificates.server, 1, nothing, version);
    BOOST_TEST(caller.connect(again.port()) != "");
}

BOOST_DATA_TEST_CASE(stream_that_is_cut_is_no_end, kVersions, version) {
    const Certificates certificates;
    for (const bool in_order : {true, false}) {
        TlsServerThread peer(
            certificates.server, 1,
            [in_order](gnutls_session_t session, int) {
                TlsServerThread::write(session, "half");
                if (in_order) gnutls_bye(session, GNUTLS_SHUT_WR);
            },
            version);
        Caller caller(certificates.settings);
        BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), "");
        BOOST_TEST(caller.receive(100) == "half");
        BOOST_TEST(caller.end == (in_order ? 0 : -1));
        if (!in_order)
            BOOST_TEST(caller.transport->fault() == "the connection ended without close_notify");
    }
}

BOOST_AUTO_TEST_CASE(tickets_on_a_resting_connection_are_no_news_and_its_end_is) {
    const Certificates certificates;
    std::promise<void> rests;
    std::promise<void> enough;
    TlsServerThread peer(
        certificates.server, 1,
        [&](gnutls_session_t session, int) {
            TlsServerThread::write(session, TlsServerThread::read(session, 4));
            rests.get_future().wait();
            gnutls_session_ticket_send(session, 1, 0);
            enough.get_future().wait();
            gnutls_bye(session, GNUTLS_SHUT_WR);
        },
        "NORMAL:-VERS-ALL:+VERS-TLS1.3");
    Caller caller(certificates.settings);
    BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), "");
    caller.send("ping");
    BOOST_REQUIRE(caller.receive(4) == "ping");
    BOOST_REQUIRE(caller.transport->rest());
    rests.set_value();
    BOOST_TEST(!caller.hears(kSecond / 5));
    BOOST_TEST(!caller.transport->is_stale());
    enough.set_value();
    BOOST_TEST(caller.hears(10 * kSecond));
    BOOST_TEST(caller.transport->is_stale());
    caller.transport.reset();
}

BOOST_AUTO_TEST_CASE(server_that_says_nothing_is_given_up_in_time) {
    const Certificates certificates;
    postern::test::LoopbackPort port;
    ::listen(port.socket(), 1);
    Caller caller(certificates.settings);
    caller.server->handshake_timeout_ns = kSecond / 10;
    BOOST_TEST(caller.connect(port.number()) == "the TLS handshake took too long");
    errno = 0;
    BOOST_TEST(caller.transport->send("x", "") == -1);
}

BOOST_AUTO_TEST_CASE(connection_ends_when_the_certificate_it_was_judged_by_expires) {
    const Certificates certificates;
    const Issued brief = issue_now([&](Wanted& wanted) {
        wanted.issuer = &certificates.authority;
        wanted.not_after = system_clock().wall_seconds() + 1;
    });
    TlsServerThread peer(brief, 1, nothing);
    Caller caller(certificates.settings);
    BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), "");
    caller.run_until([&](std::uint32_t) { return !caller.transport->is_open(); });
    BOOST_TEST(caller.transport->fault().find("expired") != std::string::npos);
    caller.transport.reset();
}

BOOST_AUTO_TEST_CASE(server_that_does_not_speak_tls_or_is_not_there_is_said_so) {
    const Certificates certificates;
    postern::test::FakeServer plain(1, [](postern::test::FakeConnection& connection, int) {
        connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        connection.closes(5000);
    });
    Caller caller(certificates.settings);
    BOOST_TEST(caller.connect(plain.port()) != "");
    caller.transport.reset();
    const postern::test::LoopbackPort nobody;
    BOOST_TEST(caller.connect(nobody.number()) == "Connection refused");
}

BOOST_AUTO_TEST_CASE(connection_may_go_while_a_plugin_is_asked) {
    const Certificates certificates;
    TlsServerThread peer(certificates.server, 1, nothing);
    Caller caller(certificates.settings, {entry("validator_parallel", "v", "after_cancel")});
    caller.server->handshake_timeout_ns = kSecond / 10;
    BOOST_TEST(caller.connect(peer.port()) == "a plugin's answer did not come in time");
    caller.transport.reset();
    BOOST_TEST(caller.metric("v_cancels") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
