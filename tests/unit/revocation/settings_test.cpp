#include <boost/test/unit_test.hpp>

#include "tests/unit/revocation/revocation_fixture.h"

namespace postern::revocation {
namespace {

using namespace test;
using fake::FakeNode;

struct SettingsFixture : RevocationFixture {
    std::string error(Entries table) {
        BOOST_TEST(instance.configure(FakeNode::table(std::move(table))) == POSTERN_E_CONFIG);
        return instance.first_error();
    }
    // Beside what makes the rest right.
    std::string error_of(const std::string& name, FakeNode value) {
        return error({{"crl_files", FakeNode::array({"/a.crl"})}, {name, std::move(value)}});
    }
};

// A directory that is there and holds no CRL.
constexpr const char* kNoLists = "/proc/self/fdinfo";

BOOST_FIXTURE_TEST_SUITE(settings, SettingsFixture)

BOOST_AUTO_TEST_CASE(every_documented_key_is_known) {
    BOOST_TEST(instance.configure(FakeNode::table({{"check_mode", "crl"},
                                                   {"crl_files", FakeNode::array({})},
                                                   {"crl_directory", kNoLists},
                                                   {"crl_urls", FakeNode::array({})},
                                                   {"crl_update_interval", "1h"},
                                                   {"cache_path", "revocation"},
                                                   {"max_stale", "0s"},
                                                   {"exempt_validity", "0s"},
                                                   {"ocsp_url", ""},
                                                   {"fetch_timeout", "2s"},
                                                   {"allowed_addresses", FakeNode::array({})}})) ==
               POSTERN_OK);
    BOOST_TEST(instance.configuration().unknown_keys().empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_served_yet_is_said_so) {
    for (const char* mode : {"ocsp_and_crl", "ocsp_or_crl", "ocsp"}) {
        BOOST_TEST(error_of("check_mode", mode).find("not supported yet in this version") !=
                   std::string::npos);
    }
    BOOST_TEST(error_of("crl_urls", FakeNode::array({"http://x"})) != "");
    BOOST_TEST(error_of("ocsp_url", "http://x") != "");
    BOOST_TEST(error_of("cache_path", "elsewhere") != "");
    BOOST_TEST(error_of("fetch_timeout", "3s") != "");
    BOOST_TEST(error_of("allowed_addresses", FakeNode::array({"10.0.0.0/8"})) != "");
}

BOOST_AUTO_TEST_CASE(nothing_to_ask_is_an_error) {
    BOOST_TEST(error({}).find("needs crl_files or crl_directory") != std::string::npos);
    BOOST_TEST(instance.configure(FakeNode::table({{"check_mode", "off"}})) == POSTERN_OK);
}

BOOST_AUTO_TEST_CASE(values_out_of_range_are_refused) {
    BOOST_TEST(error_of("check_mode", "maybe") != "");
    BOOST_TEST(error_of("crl_update_interval", "10ms") != "");
    BOOST_TEST(error_of("max_stale", "1500ms") != "");
    BOOST_TEST(error_of("crl_directory", 5) != "");
}

BOOST_AUTO_TEST_CASE(another_policy_has_another_digest) {
    const auto digest = [&](const char* max_stale) {
        BOOST_TEST(instance.configure(FakeNode::table(
                       {{"crl_directory", kNoLists}, {"max_stale", max_stale}})) == POSTERN_OK);
        return instance.policy_digest();
    };
    BOOST_TEST((digest("1s") == digest("1s")));
    BOOST_TEST((digest("1s") != digest("2s")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::revocation
