#include <boost/test/unit_test.hpp>

#include "tests/unit/validator/validator_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

struct Configured : ValidatorFixture {
    Configured() { BOOST_REQUIRE_EQUAL(configure(FakeNode::table({})), POSTERN_OK); }

    int client(const tls::Certificate& leaf) { return refusal(ask_about_leaf(leaf)); }
    int server(const tls::Certificate& leaf, const std::string& hostname) {
        return refusal(ask_server({leaf, good_anchor()}, hostname));
    }
};

tls::Certificate server_for(std::vector<std::string> dns) {
    tls::Certificate out = good_server_leaf();
    out.san_dns = std::move(dns);
    return out;
}

tls::Certificate nameless(tls::Certificate leaf) {
    leaf.san_uri.clear();
    leaf.san_dns.clear();
    leaf.extensions.pop_back();  // subjectAltName
    return leaf;
}

constexpr int kMismatch = POSTERN_REASON_NAME_MISMATCH;
constexpr int kMissing = POSTERN_REASON_NAME_MISSING;
constexpr int kMalformed = POSTERN_REASON_NAME_MALFORMED;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(name_rules, Configured)

BOOST_AUTO_TEST_CASE(a_subject_is_name_enough_unless_it_is_empty) {
    tls::Certificate leaf = nameless(good_leaf());
    BOOST_CHECK_EQUAL(client(leaf), 0);
    leaf.subject_text.clear();
    BOOST_CHECK_EQUAL(client(leaf), kMissing);
}

BOOST_AUTO_TEST_CASE(an_address_names_a_server_but_no_client) {
    tls::Certificate leaf = good_leaf();
    leaf.subject_text.clear();
    leaf.san_uri.clear();
    leaf.san_ip = {{127, 0, 0, 1}};
    BOOST_CHECK_EQUAL(client(leaf), kMissing);
    tls::Certificate of_server = server_for({});
    of_server.subject_text.clear();
    of_server.san_ip = {{127, 0, 0, 1}};
    BOOST_CHECK_EQUAL(server(of_server, "127.0.0.1"), 0);
}

BOOST_AUTO_TEST_CASE(an_alternative_name_extension_without_a_name_is_malformed) {
    tls::Certificate leaf = good_leaf();
    leaf.san_uri.clear();
    BOOST_CHECK_EQUAL(client(leaf), kMalformed);
}

BOOST_AUTO_TEST_CASE(every_name_must_be_one) {
    tls::Certificate leaf = good_leaf();
    leaf.san_dns = {"fine.example", "un_fine.example"};
    const Answer answer = ask_about_leaf(leaf);
    BOOST_CHECK_EQUAL(refusal(answer), kMalformed);
    BOOST_CHECK_EQUAL(answer.detail,
                      "the leaf certificate (CN=alice) has the DNS name \"un_fine.example\", which "
                      "has an underscore");
    leaf = good_leaf();
    leaf.san_ip = {{1, 2, 3, 4, 5}};
    BOOST_CHECK_EQUAL(client(leaf), kMalformed);
    leaf = good_leaf();
    leaf.san_uri = {"relative"};
    BOOST_CHECK_EQUAL(client(leaf), kMalformed);
    leaf = good_leaf();
    leaf.san_email = {"alice"};
    BOOST_CHECK_EQUAL(client(leaf), kMalformed);
}

BOOST_AUTO_TEST_CASE(a_client_has_no_wildcard) {
    tls::Certificate leaf = good_leaf();
    leaf.san_dns = {"*.corp.example"};
    BOOST_CHECK_EQUAL(client(leaf), kMalformed);
    BOOST_CHECK_EQUAL(server(server_for({"*.corp.example"}), "a.corp.example"), 0);
}

BOOST_AUTO_TEST_CASE(the_expected_name_is_matched_without_regard_to_case) {
    BOOST_CHECK_EQUAL(server(server_for({"Gate.Example"}), "gATE.example"), 0);
    BOOST_CHECK_EQUAL(server(server_for({"gate.example"}), "gate.example."), 0);
    BOOST_CHECK_EQUAL(server(server_for({"gate.example"}), "gate.example.org"), kMismatch);
    BOOST_CHECK_EQUAL(server(server_for({"gate.example"}), ""), 0);
}

BOOST_AUTO_TEST_CASE(a_wildcard_stands_for_one_label) {
    const tls::Certificate leaf = server_for({"*.corp.example"});
    BOOST_CHECK_EQUAL(server(leaf, "corp.example"), kMismatch);
    BOOST_CHECK_EQUAL(server(leaf, "a.b.corp.example"), kMismatch);
    BOOST_CHECK_EQUAL(server(leaf, ".corp.example"), kMismatch);
}

BOOST_AUTO_TEST_CASE(an_address_is_matched_by_addresses_only) {
    tls::Certificate leaf = server_for({"gate.example"});
    leaf.san_ip = {{192, 0, 2, 1}, Bytes(16, 0)};
    leaf.san_ip[1][15] = 1;
    BOOST_CHECK_EQUAL(server(leaf, "192.0.2.1"), 0);
    BOOST_CHECK_EQUAL(server(leaf, "::1"), 0);
    BOOST_CHECK_EQUAL(server(leaf, "[0:0::1]"), 0);
    BOOST_CHECK_EQUAL(server(leaf, "192.0.2.2"), kMismatch);
}

BOOST_AUTO_TEST_CASE(a_server_without_a_dns_name_is_known_by_its_uri) {
    tls::Certificate leaf = server_for({});
    leaf.san_uri = {"spiffe://corp.example/gate"};
    BOOST_CHECK_EQUAL(server(leaf, "spiffe://corp.example/gate"), 0);
    BOOST_CHECK_EQUAL(server(leaf, "spiffe://corp.example/Gate"), kMismatch);
}

BOOST_AUTO_TEST_CASE(the_common_name_never_matches) {
    tls::Certificate leaf = nameless(good_server_leaf());
    leaf.subject_text = "CN=gate.example";
    leaf.common_names = {"gate.example"};
    const Answer answer = ask_server({leaf, good_anchor()}, "gate.example");
    BOOST_CHECK_EQUAL(refusal(answer), kMismatch);
    BOOST_CHECK_NE(answer.detail.find("having no subject alternative name"), std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_mismatch_lists_the_names_there_are) {
    tls::Certificate leaf = server_for({"a.example"});
    leaf.san_ip = {{192, 0, 2, 1}};
    const Answer answer = ask_server({leaf, good_anchor()}, "b.example");
    BOOST_CHECK_EQUAL(answer.detail,
                      "the leaf certificate (CN=gate) is not for \"b.example\"; it is for "
                      "DNS:a.example, IP:192.0.2.1");
}

BOOST_AUTO_TEST_SUITE_END()
