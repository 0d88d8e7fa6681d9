#include "core/tls/server_context.h"

#include <boost/test/unit_test.hpp>

#include "postern/call.h"
#include "tests/unit/tls/test_client.h"
#include "tests/unit/tls/test_listener.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

std::string served_to(const TestListener& listener, const std::string& sni) {
    ClientSetting setting;
    setting.sni = sni;
    setting.certificates = {&listener.client};
    Connection connection(listener.context(), setting);
    BOOST_TEST((connection.run(ServerSession::Verdict::accept) == ServerSession::Handshake::done));
    return connection.client.peer_name();
}

Issued named(const TestListener& listener, const std::string& name, const std::string& dns) {
    Wanted wanted;
    wanted.common_name = name;
    wanted.dns = {dns};
    wanted.issuer = &listener.authority;
    return issue(wanted);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server_context)

BOOST_AUTO_TEST_CASE(certificate_is_chosen_by_name_and_the_first_is_the_default) {
    TestListener listener;
    listener.add_certificate("second", named(listener, "second", "second.example"));
    listener.add_certificate("wild", named(listener, "wild", "*.wild.example"));
    BOOST_TEST(served_to(listener, "gate.example") == "gate");
    BOOST_TEST(served_to(listener, "second.example") == "second");
    BOOST_TEST(served_to(listener, "SECOND.example") == "second");
    BOOST_TEST(served_to(listener, "a.wild.example") == "wild");
    BOOST_TEST(served_to(listener, "nobody.example") == "gate");
    BOOST_TEST(served_to(listener, "") == "gate");
    BOOST_TEST((listener.context()->server_names() ==
                std::vector<std::string>{"gate.example", "second.example", "*.wild.example"}));
}

BOOST_AUTO_TEST_CASE(client_is_verified_by_the_listeners_rules) {
    TestListener listener;
    const Issued stranger = issue({});
    const auto chain = listener.context();
    BOOST_TEST(chain->verify_client(chain_of({&listener.client}), kNow).flags == 0U);
    BOOST_TEST(chain->verify_client(chain_of({&stranger}), kNow).flags ==
               POSTERN_VERIFY_UNKNOWN_AUTHORITY);
    listener.settings.tls.trust = config::Trust::pin;
    BOOST_TEST(listener.context()->verify_client(chain_of({&stranger}), kNow).flags ==
               POSTERN_VERIFY_SKIPPED);
}

BOOST_AUTO_TEST_CASE(ticket_key_is_the_same_only_for_the_same_rules) {
    TestListener listener;
    listener.add_certificate("second", named(listener, "second", "second.example"));
    const TicketKey key = listener.context()->ticket_key("gate.example", {});
    BOOST_TEST((listener.context()->ticket_key("gate.example", {}) == key));
    BOOST_TEST((listener.context()->ticket_key("", {}) == key));
    BOOST_TEST((listener.context()->ticket_key("second.example", {}) != key));
    BOOST_TEST((listener.context()->ticket_key("gate.example", Digest256{1}) != key));
    listener.settings.tls.policy = "modern-2026";
    BOOST_TEST((listener.context()->ticket_key("gate.example", {}) != key));
}

BOOST_AUTO_TEST_CASE(expired_server_certificate_is_loaded_all_the_same) {
    TestListener listener;
    Wanted wanted;
    wanted.not_before = 1'500'000'000;
    wanted.not_after = 1'500'000'000 + kDay;
    wanted.issuer = &listener.authority;
    listener.add_certificate("old", issue(wanted));
    BOOST_TEST(ServerContext::create(listener.settings).ok());
}

BOOST_AUTO_TEST_CASE(unknown_policy_or_missing_authority_is_an_error) {
    TestListener listener;
    listener.settings.tls.policy = "none";
    BOOST_TEST(!ServerContext::create(listener.settings).ok());
    TestListener other;
    other.settings.tls.client_ca = {"missing.crt"};
    BOOST_TEST(!ServerContext::create(other.settings).ok());
}

BOOST_AUTO_TEST_SUITE_END()
