#include "core/tls/policy.h"

#include <fstream>
#include <sstream>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/tls/server_context.h"

using namespace postern::tls;

BOOST_AUTO_TEST_SUITE(policy)

// The golden files are GnuTLS 3.7.9's; a later library may add a hybrid group in front.
BOOST_DATA_TEST_CASE(policy_resolves_to_what_the_golden_file_says, policy_names(), name) {
    const auto described = describe_policy(name);
    BOOST_REQUIRE(described.ok());
    std::ifstream file(std::string(POSTERN_TEST_DATA) + "/tls/policy-" + name + ".txt");
    std::stringstream golden;
    golden << file.rdbuf();
    std::string text = described.value();
    const std::string hybrid = "group X25519-MLKEM768\n";
    if (const auto at = text.find(hybrid); at != std::string::npos) text.erase(at, hybrid.size());
    BOOST_TEST(text == golden.str());
}

BOOST_AUTO_TEST_CASE(unknown_policy_is_told_which_there_are) {
    const auto priority = policy_priority("modern-2031");
    BOOST_REQUIRE(!priority.ok());
    BOOST_TEST(priority.error().message ==
               "unknown TLS policy \"modern-2031\"; there are intermediate-2026, modern-2026");
}

BOOST_AUTO_TEST_CASE(suites_have_their_iana_numbers) {
    BOOST_TEST(cipher_number("TLS_AES_128_GCM_SHA256") == 0x1301);
    BOOST_TEST(cipher_number("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256") == 0xcca8);
    BOOST_TEST(cipher_number("TLS_NULL_WITH_NULL_NULL") == 0);
}

BOOST_AUTO_TEST_CASE(library_is_known_and_not_below_the_floor) {
    BOOST_TEST(library_version().substr(0, 2) == "3.");
    BOOST_TEST(!library_below_security_floor());
}

BOOST_AUTO_TEST_SUITE_END()
