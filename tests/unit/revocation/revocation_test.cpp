// What the plugin says about chains, as the host sees it.
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/unit/revocation/revocation_fixture.h"

namespace postern::revocation {
namespace {

using namespace test;
using fake::FakeNode;
using std::chrono::hours;
using std::chrono::seconds;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

BOOST_FIXTURE_TEST_SUITE(revocation, RevocationFixture)

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_on_its_issuers_crl_is_good) {
    start_with(crl({{0x11}}));
    const fake::Answer answer = check_serial({0x22});
    BOOST_TEST(answer.rc == POSTERN_OK);
    BOOST_TEST(answer.action == POSTERN_ACTION_ALLOW);
    BOOST_TEST_REQUIRE(answer.facts.size() == 2u);
    BOOST_TEST(answer.facts[0].status == POSTERN_REV_GOOD);
    BOOST_TEST(answer.facts[0].source == POSTERN_REV_SOURCE_CRL);
    BOOST_TEST(answer.facts[0].this_update == 1'799'990'000);
    BOOST_TEST(answer.facts[0].next_update == 1'800'600'000);
    BOOST_TEST(answer.facts[0].revoked_at == 0);
    // The anchor.
    BOOST_TEST(answer.facts[1].source == POSTERN_REV_SOURCE_EXEMPT);
}

BOOST_AUTO_TEST_CASE(a_revoked_certificate_is_refused_and_told_why) {
    start_with(crl({{0x11}, {0x00, 0xfe}}));
    const fake::Answer answer = check_serial({0x00, 0xfe});
    BOOST_TEST(answer.action == POSTERN_ACTION_DENY);
    BOOST_TEST(answer.reason == POSTERN_REASON_REVOKED);
    BOOST_TEST(answer.detail ==
               "serial 00fe of CN=leaf revoked on 2027-01-15T07:43:20Z "
               "(keyCompromise) by CRL " +
                   path("a.crl") + " of CN=Test CA");
    BOOST_TEST(answer.facts[0].status == POSTERN_REV_REVOKED);
    BOOST_TEST(answer.facts[0].crl_reason == 1u);
    BOOST_TEST(answer.facts[0].revoked_at == kNow - 1000);
}

BOOST_AUTO_TEST_CASE(pem_files_of_several_crls_are_read) {
    CrlWriter other = crl({{0x33}});
    other.issuer = name("Other CA");
    write("both.pem", pem(other.write()) + pem(crl({{0x11}}).write()));
    start({{"crl_files", FakeNode::array({path("both.pem")})}});
    BOOST_TEST(check_serial({0x11}).action == POSTERN_ACTION_DENY);
    BOOST_TEST(check_serial({0x33}).action == POSTERN_ACTION_ALLOW);
    const auto others =
        chain({certificate("leaf", "Other CA", {0x33}), authority("Other CA", key)});
    BOOST_TEST(check(others).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(an_intermediate_is_asked_about_too) {
    SigningKey root_key;
    CrlWriter of_root = crl();
    of_root.issuer = name("Root");
    of_root.entries = entry({1}, kNow - 50, reason_extensions(2));
    of_root.sign = [&](const Der& tbs) { return root_key.sign(tbs); };
    write("root.crl", of_root.write());
    start_with(crl(), {{"crl_directory", directory.string()}});
    const auto path_to_root =
        chain({certificate("leaf", "Test CA", {5}), authority(), authority("Root", root_key)});
    const fake::Answer answer = check(path_to_root);
    BOOST_TEST(answer.action == POSTERN_ACTION_DENY);
    BOOST_TEST(answer.facts[0].status == POSTERN_REV_GOOD);
    BOOST_TEST(answer.facts[1].status == POSTERN_REV_REVOKED);
    BOOST_TEST(answer.facts[1].crl_reason == 2u);
}

BOOST_AUTO_TEST_CASE(without_a_crl_of_the_issuer_nothing_is_known) {
    start_with(crl());
    const auto others = chain({certificate("leaf", "Other CA", {5}), authority("Other CA", key)});
    const fake::Answer answer = check(others);
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(answer.facts[0].status == POSTERN_REV_UNKNOWN);
    BOOST_TEST(has(answer.detail, "no CRL of its issuer CN=Other CA"));
    BOOST_TEST(host.metrics["unknown_total"] == 1);
}

BOOST_AUTO_TEST_CASE(a_crl_signed_by_somebody_else_says_nothing) {
    SigningKey forger;
    CrlWriter forged = crl();
    forged.sign = [&](const Der& tbs) { return forger.sign(tbs); };
    start_with(forged);
    const fake::Answer answer = check_serial({5});
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(has(answer.detail, "not signed by its issuer's key"));
}

BOOST_AUTO_TEST_CASE(a_forged_crl_cannot_revoke) {
    SigningKey forger;
    CrlWriter forged = crl({{5}});
    forged.sign = [&](const Der& tbs) { return forger.sign(tbs); };
    start_with(forged);
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(a_weak_or_unknown_signature_algorithm_says_nothing) {
    CrlWriter weak = crl();
    weak.algorithm[11] = weak.outer_algorithm[11] = 1;
    start_with(weak);
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(a_signature_is_checked_once) {
    start_with(crl({{0x11}}));
    const std::size_t before = signatures_checked();
    for (std::uint8_t serial = 1; serial < 20; ++serial) check_serial({serial});
    BOOST_TEST(signatures_checked() == before + 1);
    // Known now, so the answer comes at once.
    const std::size_t completions = host.completions.size();
    check_serial({0x22});
    BOOST_TEST(host.completions.size() == completions);
}

BOOST_AUTO_TEST_CASE(checks_that_wait_together_share_one_signature_check) {
    start_with(crl({{0x11}}));
    const std::size_t before = signatures_checked();
    const auto& table = instance.interface<postern_revocation>(POSTERN_IF_REVOCATION);
    const tls::ChainRef revoked = leaf({0x11});
    postern_peer_cert cert{};
    cert.struct_size = sizeof cert;
    cert.presented = cert.verified = fake::handle(revoked);
    for (int i = 0; i < 5; ++i) {
        const auto answer =
            instance.ask(0, [&](void* self, const postern_call* call, postern_verdict* out) {
                return table.check(self, call, &cert, out);
            });
        BOOST_TEST(answer.rc == POSTERN_PENDING);
    }
    host.run_posted();
    BOOST_TEST(host.completions.size() == 5u);
    for (const auto& completion : host.completions) {
        BOOST_TEST(completion.action == POSTERN_ACTION_DENY);
    }
    BOOST_TEST(signatures_checked() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_file_replaced_before_its_signature_was_checked_says_nothing) {
    start_with(crl({{0x11}}));
    write("a.crl", crl().write());
    const fake::Answer answer = check_serial({0x11});
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(has(answer.detail, "changed on disk"));
    pass(seconds(2));
    BOOST_TEST(check_serial({0x11}).action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(an_issuer_that_may_not_sign_crls_is_not_believed) {
    start_with(crl());
    tls::Certificate issuer = authority();
    issuer.key_usage = POSTERN_KEY_USAGE_CERT_SIGN;
    const fake::Answer answer = check(chain({certificate("leaf", "Test CA", {5}), issuer}));
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(has(answer.detail, "keyUsage"));
    issuer.key_usage = -1;
    BOOST_TEST(check(chain({certificate("leaf", "Test CA", {5}), issuer})).action ==
               POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_crl_of_another_key_of_that_name_says_nothing) {
    CrlWriter writer = crl({{5}});
    writer.extensions = certificate_extension(35, sequence(tlv(0x80, {7})));
    start_with(writer);
    tls::Certificate issuer = authority();
    issuer.subject_key_id = {8};
    const fake::Answer answer = check(chain({certificate("leaf", "Test CA", {5}), issuer}));
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(has(answer.detail, "another key"));
    issuer.subject_key_id = {7};
    BOOST_TEST(check(chain({certificate("leaf", "Test CA", {5}), issuer})).action ==
               POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_stale_crl_counts_within_max_stale_only) {
    CrlWriter writer = crl({{0x11}});
    writer.next_update = utc_time(kNow - 60);
    start_with(writer, {{"max_stale", "100s"}});
    const fake::Answer stale = check_serial({5});
    BOOST_TEST(stale.action == POSTERN_ACTION_ALLOW);
    BOOST_TEST(stale.facts[0].flags == POSTERN_REV_FLAG_STALE);
    pass(seconds(41));
    const fake::Answer expired = check_serial({5});
    BOOST_TEST(expired.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(has(expired.detail, "is stale since"));
    // What it revokes stays revoked.
    BOOST_TEST(check_serial({0x11}).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_crl_of_the_future_says_nothing_good) {
    CrlWriter writer = crl({{0x11}});
    writer.this_update = utc_time(kNow + 301);
    start_with(writer);
    BOOST_TEST(has(check_serial({5}).detail, "not valid before"));
    BOOST_TEST(check_serial({0x11}).action == POSTERN_ACTION_DENY);
    pass(seconds(1));
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(the_newest_crl_of_a_line_decides) {
    CrlWriter older = crl();
    older.entries = entry({5}, kNow - 50, reason_extensions(6));
    older.extensions = certificate_extension(20, tlv(0x02, {9}));
    CrlWriter newer = crl();
    newer.extensions = certificate_extension(20, tlv(0x02, {0x01, 0x00}));
    write("older.crl", older.write());
    write("newer.crl", newer.write());
    start({{"crl_directory", directory.string()}});
    // Taken off hold.
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_newer_crl_that_is_forged_does_not_hide_the_older) {
    SigningKey forger;
    CrlWriter newer = crl();
    newer.this_update = utc_time(kNow - 10);
    newer.sign = [&](const Der& tbs) { return forger.sign(tbs); };
    write("newer.crl", newer.write());
    write("older.crl", crl({{5}}).write());
    start({{"crl_directory", directory.string()}});
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_DENY);
    BOOST_TEST(check_serial({6}).action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_crl_of_some_certificates_says_nothing_about_others) {
    CrlWriter writer = crl({{0x11}});
    writer.extensions = certificate_extension(28, sequence(tlv(0x82, {0xff})), true);
    start_with(writer);
    const fake::Answer answer = check_serial({5});
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(has(answer.detail, "does not speak of such certificates"));
    BOOST_TEST(check_serial({0x11}).action == POSTERN_ACTION_DENY);
    tls::Certificate below = certificate("Sub CA", "Test CA", {5});
    below.is_ca = 1;
    BOOST_TEST(check(chain({below, authority()})).action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(a_shard_speaks_of_the_certificates_that_name_it) {
    CrlWriter writer = crl({{0x11}});
    const Der uri = tlv(0x86, text("http://ca/1.crl"));
    writer.extensions = certificate_extension(28, sequence(tlv(0xa0, tlv(0xa0, uri))), true);
    start_with(writer);
    BOOST_TEST(check_serial({5}).action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(check_serial({0x11}).action == POSTERN_ACTION_DENY);
    tls::Certificate named = certificate("leaf", "Test CA", {5});
    named.crl_uris = {"http://ca/2.crl", "http://ca/1.crl"};
    BOOST_TEST(check(chain({named, authority()})).action == POSTERN_ACTION_ALLOW);
}

BOOST_AUTO_TEST_CASE(short_lived_certificates_are_exempt_where_configured) {
    start_with(crl({{5}}), {{"exempt_validity", "2h"}});
    const fake::Answer answer = check_serial({5});
    BOOST_TEST(answer.action == POSTERN_ACTION_ALLOW);
    BOOST_TEST(answer.facts[0].source == POSTERN_REV_SOURCE_EXEMPT);
    tls::Certificate longer = certificate("leaf", "Test CA", {5});
    longer.not_after += 1;
    BOOST_TEST(check(chain({longer, authority()})).action == POSTERN_ACTION_DENY);
}

BOOST_AUTO_TEST_CASE(a_pinned_self_issued_certificate_is_exempt) {
    start_with(crl({{5}}));
    const fake::Answer answer = check({}, chain({certificate("self", "self", {5})}));
    BOOST_TEST(answer.action == POSTERN_ACTION_ALLOW);
    BOOST_TEST(answer.facts[0].source == POSTERN_REV_SOURCE_EXEMPT);
}

BOOST_AUTO_TEST_CASE(a_pinned_certificate_without_its_issuer_is_unknown) {
    start_with(crl({{5}}));
    const fake::Answer answer = check({}, chain({certificate("leaf", "Test CA", {5})}));
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(has(answer.detail, "issuer's certificate is not in the chain"));
}

BOOST_AUTO_TEST_CASE(without_a_certificate_there_is_nothing_to_say) {
    start_with(crl());
    const fake::Answer answer = check({});
    BOOST_TEST(answer.rc == POSTERN_OK);
    BOOST_TEST(answer.action == POSTERN_ACTION_ABSTAIN);
    BOOST_TEST(answer.facts.empty());
}

BOOST_AUTO_TEST_CASE(off_asks_about_nothing) {
    start({{"check_mode", "off"}});
    const fake::Answer answer = check_serial({5});
    BOOST_TEST(answer.action == POSTERN_ACTION_ALLOW);
    BOOST_TEST(answer.facts[0].source == POSTERN_REV_SOURCE_EXEMPT);
    BOOST_TEST(host.timer_count() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::revocation
