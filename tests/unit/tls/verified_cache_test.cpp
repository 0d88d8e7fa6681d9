#include "core/tls/verified_cache.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/tls/test_pki.h"

using namespace postern::tls;
using namespace postern::tls::test;

BOOST_AUTO_TEST_SUITE(verified_cache)

BOOST_AUTO_TEST_CASE(entries_belong_to_a_purpose_and_live_five_minutes) {
    const Issued leaf = issue({});
    const ChainRef chain = chain_of({&leaf});
    VerifiedCache cache;
    const auto client = Purpose::client_authentication;
    BOOST_TEST(!cache.find(*chain, client, kNow));
    cache.add(chain, client, chain, kNow);
    BOOST_TEST(cache.find(*chain, client, kNow).get() == chain.get());
    BOOST_TEST(!cache.find(*chain, Purpose::server_authentication, kNow));
    BOOST_TEST(cache.find(*chain, client, kNow + 300).get() == chain.get());
    BOOST_TEST(!cache.find(*chain, client, kNow + 301));
    BOOST_TEST(cache.size() == 0U);
    cache.add(chain, client, chain, kNow);
    BOOST_TEST(!cache.find(*chain, client, kNow - 1));  // the clock was set back
}

BOOST_AUTO_TEST_CASE(cache_never_grows_beyond_its_bound) {
    VerifiedCache cache;
    const Issued leaf = issue({});
    Certificate certificate = parse_certificate(leaf.der).value();
    for (std::size_t i = 0; i < 2 * VerifiedCache::kMaxEntries; ++i) {
        certificate.der[0] = static_cast<std::uint8_t>(i);
        certificate.der[1] = static_cast<std::uint8_t>(i >> 8);
        const ChainRef chain = Chain::from_certificates({certificate});
        cache.add(chain, Purpose::client_authentication, chain, kNow);
        BOOST_REQUIRE(cache.size() <= VerifiedCache::kMaxEntries);
    }
    BOOST_TEST(cache.size() > VerifiedCache::kMaxEntries / 2);
}

BOOST_AUTO_TEST_SUITE_END()
