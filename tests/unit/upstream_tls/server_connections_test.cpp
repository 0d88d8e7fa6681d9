#include "core/upstream/http/server_connections.h"

#include <boost/test/data/test_case.hpp>

#include "tests/unit/upstream_tls/tls_bench.h"
#include "tests/unit/upstream_tls/tls_server.h"

using namespace postern;
using namespace postern::upstream;
using namespace postern::upstream::test;
using plugin::test::entry;

namespace {

void echo(gnutls_session_t session, int) {
    for (;;) {
        const std::string text = TlsServerThread::read(session, 4);
        if (text.size() < 4) return;
        TlsServerThread::write(session, text);
    }
}

// The caller's rules with another plugin.
std::shared_ptr<const TlsServer> rules(Caller& caller, const std::string& plugin,
                                       const std::string& behaviour) {
    auto pipeline =
        plugin::Pipeline::build(caller.loader, caller.environment, {entry(plugin, "r", behaviour)},
                                "rules", plugin::Role::client);
    BOOST_REQUIRE(pipeline.ok());
    BOOST_REQUIRE((*pipeline)->start().ok());
    auto server = std::make_shared<TlsServer>(*caller.server);
    server->pipeline = std::move(*pipeline);
    return server;
}

struct Live {
    Live() { BOOST_REQUIRE_EQUAL(caller.connect(peer.port()), ""); }
    // True: the answer was no.
    bool is_cut_by(std::shared_ptr<const TlsServer> rule) {
        connections.add(*caller.transport);
        bool cut = false;
        caller.on_event = [&](std::uint32_t) { cut = true; };
        const TimerId end = caller.loop->run_at(system_clock().monotonic_ns() + kSecond / 5,
                                                [&] { caller.loop->stop(); });
        connections.review(*caller.loop, {std::move(rule)});
        caller.loop->run();
        caller.loop->cancel(end);
        caller.on_event = [](std::uint32_t) {};
        return cut;
    }

    Certificates certificates;
    TlsServerThread peer{certificates.server, 1, echo};
    Caller caller{certificates.settings};
    ServerConnections connections;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(server_connections)

BOOST_AUTO_TEST_CASE(a_no_cuts_what_is_in_use_whether_it_comes_at_once_or_later) {
    for (const char* plugin : {"validator_parallel", "validator_serial", "revocation_parallel"}) {
        Live live;
        BOOST_TEST(live.is_cut_by(rules(live.caller, plugin, "deny")));
        char byte = 0;
        BOOST_TEST(live.caller.transport->receive({&byte, 1}) == -1);
        BOOST_TEST(live.caller.transport->fault() != "");
        BOOST_TEST(!live.caller.transport->turned_away());
        live.caller.transport.reset();
    }
}

BOOST_AUTO_TEST_CASE(a_yes_leaves_it_and_so_does_a_server_that_nobody_names) {
    Live live;
    BOOST_TEST(!live.is_cut_by(rules(live.caller, "validator_parallel", "thread")));
    auto other = std::make_shared<TlsServer>(*rules(live.caller, "validator_parallel", "deny"));
    other->name = *tls::parse_server_name("other.example");
    BOOST_TEST(!live.is_cut_by(std::move(other)));
    live.caller.send("ping");
    BOOST_TEST(live.caller.receive(4) == "ping");
    live.caller.transport.reset();
}

BOOST_AUTO_TEST_CASE(trust_pin_wants_a_pin_in_a_review_too) {
    Live live;
    auto settings = live.certificates.settings;
    settings.trust = config::Trust::pin;
    auto context = tls::ClientContext::create(settings);
    BOOST_REQUIRE(context.ok());
    const auto with = [&](const char* plugin) {
        auto rule = std::make_shared<TlsServer>(*rules(live.caller, plugin, "allow"));
        rule->context = *context;
        return rule;
    };
    BOOST_TEST(!live.is_cut_by(with("pinning_parallel")));
    BOOST_TEST(live.is_cut_by(with("validator_parallel")));
    live.caller.transport.reset();
}

BOOST_AUTO_TEST_CASE(one_that_is_still_opened_is_asked_about_once_it_is_open) {
    const Certificates certificates;
    TlsServerThread peer(certificates.server, 1, echo);
    Caller caller(certificates.settings, {entry("validator_parallel", "v", "thread")});
    ServerConnections connections;
    auto strict = rules(caller, "validator_parallel", "deny");
    caller.begin(peer.port());
    connections.add(*caller.transport);
    connections.review(*caller.loop, {std::move(strict)});
    // Its own plugin says yes, and in the turn in which it opens the other says no.
    BOOST_TEST(caller.finish().starts_with("a plugin's own policy refused it: r: "));
    BOOST_TEST(!caller.transport->is_open());
    caller.transport.reset();
}

BOOST_AUTO_TEST_SUITE_END()
