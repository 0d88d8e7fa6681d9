#include "core/tls/client_context.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/tls/test_server.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

BOOST_AUTO_TEST_SUITE(client_context)

BOOST_AUTO_TEST_CASE(files_that_do_not_fit_are_named) {
    TestUpstream upstream;
    const Issued own = issue({});
    const Issued other = issue({});
    upstream.settings.certificate = upstream.folder.write("own.crt", own.pem());
    upstream.settings.private_key = upstream.folder.write("own.key", other.key_pem());
    auto created = ClientContext::create(upstream.settings);
    BOOST_REQUIRE(!created.ok());
    BOOST_TEST(created.error().message.find("own.key: the key does not match") !=
               std::string::npos);

    upstream.settings.certificate.clear();
    upstream.settings.trusted_ca = {"/nonexistent/ca.crt"};
    created = ClientContext::create(upstream.settings);
    BOOST_REQUIRE(!created.ok());
    BOOST_TEST(created.error().message.find("/nonexistent/ca.crt") != std::string::npos);

    upstream.settings.trusted_ca.clear();
    upstream.settings.trust = config::Trust::pin;  // the system's store is not read for it
    upstream.settings.policy = "of-another-year";
    BOOST_TEST(!ClientContext::create(upstream.settings).ok());
}

BOOST_AUTO_TEST_CASE(without_trusted_ca_the_systems_store_is_used_and_knows_no_stranger) {
    TestUpstream upstream;
    upstream.settings.trusted_ca.clear();
    const auto created = ClientContext::create(upstream.settings);
    if (!created) {  // a system without the package ca-certificates
        BOOST_TEST(created.error().message.find("trusted_ca") != std::string::npos);
        return;
    }
    const Verification judged = (*created)->verify_server(chain_of({&upstream.server}),
                                                          *parse_server_name("gate.example"), kNow);
    BOOST_TEST(judged.flags == POSTERN_VERIFY_UNKNOWN_AUTHORITY);
}

BOOST_AUTO_TEST_CASE(self_signed_server_that_is_trusted_by_name_is_good) {
    TestUpstream upstream;
    const Issued own = upstream.issue_server([](Wanted& wanted) { wanted.issuer = nullptr; });
    upstream.settings.trusted_ca = {upstream.folder.write("own.crt", own.pem())};
    const auto context = upstream.context();
    BOOST_TEST(
        context->verify_server(chain_of({&own}), *parse_server_name("gate.example"), kNow).flags ==
        0U);
    BOOST_TEST(
        context->verify_server(Chain::empty(), *parse_server_name("gate.example"), kNow).flags ==
        POSTERN_VERIFY_INVALID);
}

BOOST_AUTO_TEST_SUITE_END()
