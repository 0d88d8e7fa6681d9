#include "core/tls/verify.h"

#include <boost/test/unit_test.hpp>

#include "postern/call.h"
#include "tests/unit/tls/test_pki.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

struct Trust {
    Trust() : root(issue_authority("root")) {}

    [[nodiscard]] std::shared_ptr<const TrustAnchors> anchors() const {
        auto made = TrustAnchors::from_files({folder.write("root.crt", root.pem())});
        BOOST_REQUIRE(made.ok());
        return *made;
    }
    [[nodiscard]] Wanted leaf() const {
        Wanted wanted;
        wanted.issuer = &root;
        return wanted;
    }
    [[nodiscard]] std::uint32_t flags_of(const Wanted& wanted, std::int64_t now = kNow) const {
        const Issued issued = issue(wanted);
        return anchors()->verify(chain_of({&issued}), Purpose::client_authentication, now).flags;
    }

    TemporaryFolder folder;
    Issued root;
};

constexpr auto kClient = Purpose::client_authentication;

}  // namespace

BOOST_AUTO_TEST_SUITE(verify)

BOOST_AUTO_TEST_CASE(good_chain_gives_its_path_to_the_anchor) {
    Trust trust;
    const Issued leaf = issue(trust.leaf());
    const auto anchors = trust.anchors();
    for (const ChainRef& presented : {chain_of({&leaf}), chain_of({&leaf, &trust.root})}) {
        const Verification result = anchors->verify(presented, kClient, kNow);
        BOOST_TEST(result.flags == 0U);
        BOOST_TEST(result.detail == "");
        BOOST_REQUIRE(result.verified);
        BOOST_REQUIRE_EQUAL(result.verified->size(), 2U);
        BOOST_TEST((result.verified->leaf().der == leaf.der));
        BOOST_TEST((result.verified->certificates()[1].der == trust.root.der));
    }
}

BOOST_AUTO_TEST_CASE(path_goes_over_intermediates_and_stops_at_the_anchor) {
    Trust trust;
    const Issued upper = issue_authority("upper", &trust.root);
    const Issued lower = issue_authority("lower", &upper);
    Wanted wanted;
    wanted.issuer = &lower;
    const Issued leaf = issue(wanted);
    const auto anchors = trust.anchors();
    for (const ChainRef& presented :
         {chain_of({&leaf, &lower, &upper}), chain_of({&leaf, &lower, &upper, &trust.root})}) {
        const Verification result = anchors->verify(presented, kClient, kNow);
        BOOST_TEST(result.flags == 0U);
        BOOST_REQUIRE(result.verified);
        BOOST_TEST(result.verified->size() == 4U);
    }
    BOOST_TEST(anchors->verify(chain_of({&leaf, &lower}), kClient, kNow).flags ==
               POSTERN_VERIFY_UNKNOWN_AUTHORITY);
    BOOST_TEST(anchors->verify(chain_of({&leaf}), kClient, kNow).flags ==
               POSTERN_VERIFY_UNKNOWN_AUTHORITY);

    // An intermediate that is itself an anchor ends the path.
    const auto shorter = *TrustAnchors::from_files({trust.folder.write("lower.crt", lower.pem())});
    const Verification result = shorter->verify(chain_of({&leaf, &lower, &upper}), kClient, kNow);
    BOOST_TEST(result.flags == 0U);
    BOOST_REQUIRE(result.verified);
    BOOST_TEST(result.verified->size() == 2U);
}

BOOST_AUTO_TEST_CASE(strangers_are_refused) {
    Trust trust;
    const Issued other = issue_authority("root");  // the same name, another key
    Wanted wanted;
    wanted.issuer = &other;
    const std::uint32_t flags = trust.flags_of(wanted);
    BOOST_TEST((flags & (POSTERN_VERIFY_UNKNOWN_AUTHORITY | POSTERN_VERIFY_BAD_SIGNATURE)) != 0U);
    wanted.issuer = nullptr;  // self-signed
    BOOST_TEST(trust.flags_of(wanted) == POSTERN_VERIFY_UNKNOWN_AUTHORITY);
}

BOOST_AUTO_TEST_CASE(no_anchors_trust_nobody) {
    Trust trust;
    const auto none = TrustAnchors::from_files({});
    BOOST_REQUIRE(none.ok());
    const Issued leaf = issue(trust.leaf());
    const Verification result = none.value()->verify(chain_of({&leaf}), kClient, kNow);
    BOOST_TEST(result.flags == POSTERN_VERIFY_UNKNOWN_AUTHORITY);
    BOOST_TEST(!result.verified);
    BOOST_TEST(!none.value()->verify(Chain::empty(), kClient, kNow).verified);
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_an_anchor_is_its_own_path) {
    TemporaryFolder folder;
    const Issued self = issue({});
    const auto anchors = *TrustAnchors::from_files({folder.write("self.crt", self.pem())});
    const Verification result = anchors->verify(chain_of({&self}), kClient, kNow);
    BOOST_TEST(result.flags == 0U);
    BOOST_REQUIRE(result.verified);
    BOOST_TEST(result.verified->size() == 1U);
    BOOST_TEST(anchors->verify(chain_of({&self}), kClient, kNow + 31 * kDay).flags ==
               POSTERN_VERIFY_EXPIRED);
}

BOOST_AUTO_TEST_CASE(validity_is_judged_by_the_given_time) {
    Trust trust;
    BOOST_TEST(trust.flags_of(trust.leaf(), kNow + 31 * kDay) == POSTERN_VERIFY_EXPIRED);
    BOOST_TEST(trust.flags_of(trust.leaf(), kNow - 2 * kDay) == POSTERN_VERIFY_NOT_YET_VALID);
    BOOST_TEST(trust.flags_of(trust.leaf(), kNow + 30 * kDay) == 0U);
    // The anchor's own validity counts too.
    Wanted wanted = trust.leaf();
    wanted.not_after = kNow + 1000 * kDay;
    BOOST_TEST(trust.flags_of(wanted, kNow + 301 * kDay) == POSTERN_VERIFY_EXPIRED);
}

BOOST_AUTO_TEST_CASE(remembered_chain_is_still_held_to_its_validity) {
    Trust trust;
    const Issued leaf = issue(trust.leaf());
    const auto anchors = trust.anchors();
    const ChainRef presented = chain_of({&leaf});
    const std::int64_t last = kNow + 30 * kDay;
    const ChainRef verified = anchors->verify(presented, kClient, last).verified;
    BOOST_REQUIRE(verified);
    BOOST_TEST(anchors->verify(presented, kClient, last).verified.get() == verified.get());
    const Verification late = anchors->verify(presented, kClient, last + 1);
    BOOST_TEST(late.flags == POSTERN_VERIFY_EXPIRED);
    BOOST_TEST(!late.verified);
    BOOST_TEST(anchors->verify(presented, Purpose::server_authentication, last).flags == 0U);
}

BOOST_AUTO_TEST_CASE(purpose_has_to_be_named_exactly_or_not_at_all) {
    Trust trust;
    Wanted wanted = trust.leaf();
    wanted.purposes = {GNUTLS_KP_TLS_WWW_SERVER};
    BOOST_TEST(trust.flags_of(wanted) == POSTERN_VERIFY_WRONG_PURPOSE);
    wanted.purposes = {GNUTLS_KP_ANY};
    BOOST_TEST(trust.flags_of(wanted) == POSTERN_VERIFY_WRONG_PURPOSE);
    wanted.purposes = {};
    BOOST_TEST(trust.flags_of(wanted) == 0U);
    wanted.extensions = {{"2.5.29.37", {0x30, 0x00}}};  // an empty list
    BOOST_TEST((trust.flags_of(wanted) & POSTERN_VERIFY_WRONG_PURPOSE) != 0U);
    wanted.extensions = {};
    wanted.purposes = {GNUTLS_KP_TLS_WWW_CLIENT};
    wanted.key_usage = GNUTLS_KEY_KEY_AGREEMENT;
    BOOST_TEST(trust.flags_of(wanted) == POSTERN_VERIFY_WRONG_PURPOSE);
}

BOOST_AUTO_TEST_CASE(short_keys_and_old_digests_are_refused) {
    Trust trust;
    Wanted wanted = trust.leaf();
    wanted.algorithm = GNUTLS_PK_RSA;
    wanted.bits = 1024;
    BOOST_TEST((trust.flags_of(wanted) & POSTERN_VERIFY_INSECURE_ALGORITHM) != 0U);
    wanted.bits = 2048;
    BOOST_TEST(trust.flags_of(wanted) == 0U);
    wanted.digest = GNUTLS_DIG_SHA1;
    BOOST_TEST((trust.flags_of(wanted) & POSTERN_VERIFY_INSECURE_ALGORITHM) != 0U);
}

BOOST_AUTO_TEST_CASE(only_authorities_may_issue) {
    Trust trust;
    const Issued pretender = issue(trust.leaf());
    Wanted wanted;
    wanted.issuer = &pretender;
    const Issued leaf = issue(wanted);
    const auto result = trust.anchors()->verify(chain_of({&leaf, &pretender}), kClient, kNow);
    BOOST_TEST((result.flags & POSTERN_VERIFY_ISSUER_NOT_A_CA) != 0U);
    BOOST_TEST(!result.verified);
}

BOOST_AUTO_TEST_CASE(constraints_of_an_authority_are_kept) {
    Trust trust;
    Wanted narrow;
    narrow.common_name = "narrow";
    narrow.ca = true;
    narrow.path_length = 0;
    narrow.permitted_dns = "inside.example";
    narrow.issuer = &trust.root;
    const Issued authority = issue(narrow);
    const auto anchors = trust.anchors();

    Wanted wanted;
    wanted.issuer = &authority;
    wanted.common_name = "";
    wanted.dns = {"a.inside.example"};
    const Issued inside = issue(wanted);
    BOOST_TEST(anchors->verify(chain_of({&inside, &authority}), kClient, kNow).flags == 0U);
    wanted.dns = {"a.outside.example"};
    const Issued outside = issue(wanted);
    BOOST_TEST(anchors->verify(chain_of({&outside, &authority}), kClient, kNow).flags ==
               POSTERN_VERIFY_NAME_CONSTRAINT);
}

BOOST_AUTO_TEST_CASE(path_may_not_be_longer_than_an_authority_allows) {
    Trust trust;
    Wanted shallow;
    shallow.common_name = "shallow";
    shallow.ca = true;
    shallow.path_length = 0;
    shallow.issuer = &trust.root;
    const Issued upper = issue(shallow);
    const Issued lower = issue_authority("lower", &upper);
    Wanted wanted;
    wanted.issuer = &lower;
    const Issued leaf = issue(wanted);
    BOOST_TEST(trust.anchors()->verify(chain_of({&leaf, &lower, &upper}), kClient, kNow).flags ==
               POSTERN_VERIFY_INVALID);
}

BOOST_AUTO_TEST_CASE(unknown_critical_extension_is_refused) {
    Trust trust;
    Wanted wanted = trust.leaf();
    wanted.extensions = {{"1.2.3.4", {5, 0}, true}};
    BOOST_TEST(trust.flags_of(wanted) == POSTERN_VERIFY_INVALID);
    wanted.extensions[0].critical = false;
    BOOST_TEST(trust.flags_of(wanted) == 0U);
}

BOOST_AUTO_TEST_CASE(too_many_certificates_are_refused) {
    Trust trust;
    const Issued leaf = issue(trust.leaf());
    std::vector<ByteView> many(17, ByteView(leaf.der));
    const auto result = trust.anchors()->verify(*Chain::from_der(many), kClient, kNow);
    BOOST_TEST(result.flags == POSTERN_VERIFY_CHAIN_TOO_LONG);
}

BOOST_AUTO_TEST_CASE(without_a_chain_validity_and_purpose_still_count) {
    Wanted wanted;
    const Issued self = issue(wanted);
    const auto check = [](const Issued& issued, std::int64_t now) {
        return TrustAnchors::verify_without_chain(chain_of({&issued}), kClient, now);
    };
    BOOST_TEST(check(self, kNow).flags == POSTERN_VERIFY_SKIPPED);
    BOOST_TEST(!check(self, kNow).verified);
    BOOST_TEST(check(self, kNow + 31 * kDay).flags ==
               (POSTERN_VERIFY_SKIPPED | POSTERN_VERIFY_EXPIRED));
    wanted.purposes = {GNUTLS_KP_TLS_WWW_SERVER};
    const Issued server = issue(wanted);
    BOOST_TEST(check(server, kNow).flags ==
               (POSTERN_VERIFY_SKIPPED | POSTERN_VERIFY_WRONG_PURPOSE));
}

BOOST_AUTO_TEST_CASE(anchors_are_a_set_whatever_the_files) {
    Trust trust;
    const Issued other = issue_authority("other");
    const std::string one = trust.folder.write("one", trust.root.pem());
    const std::string two = trust.folder.write("two", other.pem());
    const std::string both = trust.folder.write("both", other.pem() + trust.root.pem());
    const auto separate = *TrustAnchors::from_files({one, two, one});
    const auto together = *TrustAnchors::from_files({both});
    BOOST_TEST(separate->size() == 2U);
    BOOST_TEST((separate->digest() == together->digest()));
    BOOST_TEST((trust.anchors()->digest() != together->digest()));
    BOOST_TEST(!TrustAnchors::from_files({trust.folder.write("empty", "")}).ok());
    BOOST_TEST(!TrustAnchors::from_files({one + ".missing"}).ok());
}

BOOST_AUTO_TEST_CASE(detail_names_the_certificate_that_is_to_blame) {
    Trust trust;
    const auto detail = [&](const Wanted& wanted) {
        const Issued issued = issue(wanted);
        return trust.anchors()->verify(chain_of({&issued}), kClient, kNow).detail;
    };
    Wanted wanted;
    BOOST_TEST(detail(wanted) == "\"CN=client\" is self-signed and no trusted authority");
    const Issued stranger = issue_authority("stranger");
    wanted.issuer = &stranger;
    BOOST_TEST(detail(wanted) ==
               "no trusted authority has issued \"CN=client\"; it says that "
               "\"CN=stranger\" has");
    wanted = trust.leaf();
    wanted.algorithm = GNUTLS_PK_RSA;
    wanted.bits = 1024;
    BOOST_TEST(detail(wanted) == "\"CN=client\" has an RSA key of 1024 bits");
    wanted.bits = 2048;
    wanted.digest = GNUTLS_DIG_SHA1;
    BOOST_TEST(detail(wanted) == "\"CN=client\" is signed with SHA-1");
    wanted = trust.leaf();
    wanted.purposes = {GNUTLS_KP_TLS_WWW_SERVER};
    BOOST_TEST(detail(wanted) == "the extended key usage has no clientAuth");
}

BOOST_AUTO_TEST_CASE(reason_is_that_of_the_most_telling_flag) {
    BOOST_TEST(reason_of_verification(0) == POSTERN_REASON_NONE);
    BOOST_TEST(reason_of_verification(POSTERN_VERIFY_SKIPPED) == POSTERN_REASON_NONE);
    BOOST_TEST(reason_of_verification(POSTERN_VERIFY_EXPIRED | POSTERN_VERIFY_UNKNOWN_AUTHORITY) ==
               POSTERN_REASON_UNKNOWN_AUTHORITY);
    BOOST_TEST(reason_of_verification(POSTERN_VERIFY_SKIPPED | POSTERN_VERIFY_EXPIRED) ==
               POSTERN_REASON_CERTIFICATE_EXPIRED);
    BOOST_TEST(reason_of_verification(POSTERN_VERIFY_INVALID) ==
               POSTERN_REASON_CERTIFICATE_INVALID);
    BOOST_TEST(reason_of_verification(0x80000000U) == POSTERN_REASON_CERTIFICATE_INVALID);
}

BOOST_AUTO_TEST_SUITE_END()
