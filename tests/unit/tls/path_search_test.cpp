#include "core/tls/path_search.h"

#include <chrono>

#include <boost/test/unit_test.hpp>

#include "core/tls/verify.h"
#include "postern/call.h"
#include "tests/unit/tls/test_pki.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

constexpr auto kClient = Purpose::client_authentication;

// One authority, certified by another: the key and name are those of `authority`.
Issued cross_sign(const std::string& name, const Issued& authority, const Issued& issuer) {
    Wanted wanted;
    wanted.common_name = name;
    wanted.ca = true;
    wanted.key_of = &authority;
    wanted.issuer = &issuer;
    wanted.not_after = kNow + 300 * kDay;
    return issue(wanted);
}

Issued leaf_of(const Issued& issuer) {
    Wanted wanted;
    wanted.issuer = &issuer;
    return issue(wanted);
}

std::shared_ptr<const TrustAnchors> trust(const Issued& root) {
    return *TrustAnchors::of(*chain_of({&root}));
}

// Certificates that exist by name only: the search verifies nothing.
Certificate invented(const std::string& subject, const std::string& issuer, std::uint8_t number) {
    Certificate certificate;
    certificate.subject = {subject.begin(), subject.end()};
    certificate.issuer = {issuer.begin(), issuer.end()};
    certificate.spki = {number};
    certificate.sha256[0] = number;
    return certificate;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(path_search)

BOOST_AUTO_TEST_CASE(order_and_certificates_of_no_use_do_not_matter) {
    const Issued root = issue_authority("root");
    const Issued upper = issue_authority("upper", &root);
    const Issued lower = issue_authority("lower", &upper);
    const Issued stranger = issue_authority("stranger");
    const Issued leaf = leaf_of(lower);
    for (const ChainRef& presented :
         {chain_of({&leaf, &upper, &lower}), chain_of({&leaf, &stranger, &lower, &upper}),
          chain_of({&leaf, &root, &upper, &stranger, &lower})}) {
        const Verification result = trust(root)->verify(presented, kClient, kNow);
        BOOST_TEST(result.flags == 0u, result.detail);
        BOOST_REQUIRE(result.verified);
        BOOST_TEST(result.verified->size() == 4u);
        BOOST_TEST((result.verified->leaf().der == leaf.der));
    }
}

BOOST_AUTO_TEST_CASE(a_cross_signed_authority_is_reached_by_either_way) {
    const Issued old_root = issue_authority("old root");
    const Issued new_root = issue_authority("new root");
    const Issued issuing = issue_authority("issuing", &new_root);
    const Issued by_old = cross_sign("issuing", issuing, old_root);
    const Issued leaf = leaf_of(issuing);
    for (const Issued* root : {&old_root, &new_root}) {
        for (const ChainRef& presented :
             {chain_of({&leaf, &by_old, &issuing}), chain_of({&leaf, &issuing, &by_old})}) {
            const Verification result = trust(*root)->verify(presented, kClient, kNow);
            BOOST_TEST(result.flags == 0u, result.detail);
            BOOST_REQUIRE(result.verified);
            BOOST_TEST((result.verified->certificates().back().der == root->der));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_way_that_has_expired_is_left_for_one_that_has_not) {
    const Issued root = issue_authority("root");
    const Issued issuing = issue_authority("issuing", &root);
    Wanted old;
    old.common_name = "issuing";
    old.ca = true;
    old.key_of = &issuing;
    old.issuer = &root;
    old.not_before = kNow - 9 * kDay;
    old.not_after = kNow - kDay;
    const Issued expired = issue(old);
    const Issued leaf = leaf_of(issuing);
    BOOST_TEST(trust(root)->verify(chain_of({&leaf, &expired, &issuing}), kClient, kNow).flags ==
               0u);
    BOOST_TEST(trust(root)->verify(chain_of({&leaf, &expired}), kClient, kNow).flags ==
               POSTERN_VERIFY_EXPIRED);
}

BOOST_AUTO_TEST_CASE(the_leaf_is_the_first_whatever_the_order) {
    const Issued root = issue_authority("root");
    const Issued issuing = issue_authority("issuing", &root);
    const Issued leaf = leaf_of(issuing);
    BOOST_TEST(trust(root)->verify(chain_of({&issuing, &leaf}), kClient, kNow).flags != 0u);
}

BOOST_AUTO_TEST_CASE(loops_end) {
    const Issued one = issue_authority("one");
    const Issued two = issue_authority("two");
    const Issued one_by_two = cross_sign("one", one, two);
    const Issued two_by_one = cross_sign("two", two, one);
    const Issued leaf = leaf_of(one);
    const Issued root = issue_authority("root");
    const auto presented = chain_of({&leaf, &one_by_two, &two_by_one});
    BOOST_TEST(trust(root)->verify(presented, kClient, kNow).flags ==
               POSTERN_VERIFY_UNKNOWN_AUTHORITY);
    // A thousand are not looked at: the handshake would be over long before.
    std::vector<ByteView> many{leaf.der};
    while (many.size() < 1001)
        many.emplace_back(many.size() % 2 == 0 ? one_by_two.der : two_by_one.der);
    const auto begin = std::chrono::steady_clock::now();
    BOOST_TEST(trust(root)->verify(*Chain::from_der(many), kClient, kNow).flags ==
               POSTERN_VERIFY_CHAIN_TOO_LONG);
    const auto took = std::chrono::steady_clock::now() - begin;
    BOOST_TEST_MESSAGE("1000 intermediates that loop, parsed and refused: "
                       << std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
                       << " ms");
}

// Fifteen that may all have issued one another: as many ways as permutations.
BOOST_AUTO_TEST_CASE(the_search_is_bounded_where_everybody_may_have_issued_everybody) {
    std::vector<Certificate> certificates{invented("leaf", "ca", 1)};
    for (std::uint8_t i = 2; i <= 16; ++i) certificates.push_back(invented("ca", "ca", i));
    const ChainRef presented = Chain::from_certificates(std::move(certificates));

    std::size_t asked = 0;
    std::size_t offered = 0;
    std::size_t lengths = 0;
    const auto run = [&](bool anchored) {
        asked = offered = lengths = 0;
        search_paths(
            *presented,
            [&](const Certificate&) {
                ++asked;
                return anchored;
            },
            [&](const PathCandidate& way) {
                ++offered;
                lengths += way.size();
                return Offer::refused;
            });
    };
    run(false);
    BOOST_TEST(asked <= 512u);
    BOOST_TEST(offered == 0u);
    run(true);
    BOOST_TEST(offered <= 8u);
    BOOST_TEST(lengths <= 32u);
}

BOOST_AUTO_TEST_SUITE_END()
