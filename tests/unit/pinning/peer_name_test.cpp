#include "plugins/pinning/peer_name.h"

#include <boost/test/unit_test.hpp>

#include "core/tls/verify.h"
#include "tests/unit/pinning/pinning_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

std::string name_of(const tls::ChainRef& chain) {
    return pinning::name_of_client(sdk::Chain(x509_service(), handle(chain)).leaf());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peer_name)

BOOST_AUTO_TEST_CASE(a_client_has_the_name_that_the_host_knows_it_by) {
    std::vector<tls::test::Wanted> wanted(5);
    wanted[0].uri = {"spiffe://example/b", "spiffe://example/a,c"};
    wanted[1].dns = {"B.example", "a.example", "b.example"};
    wanted[2].email = {"a@example.com"};
    wanted[3].common_name = "MCP Server";
    wanted[4].uri = {"spiffe://example/a"};
    wanted[4].dns = {"a.example"};
    for (const auto& each : wanted) {
        const tls::test::Issued issued = tls::test::issue(each);
        const tls::ChainRef chain = tls::test::chain_of({&issued});
        BOOST_CHECK_EQUAL(name_of(chain), tls::identity_of(*chain).name);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_remembered_has_no_name) {
    tls::Certificate bare;
    BOOST_CHECK_EQUAL(name_of(tls::Chain::from_certificates({bare})), "");
    bare.subject_text = "CN=" + std::string(1022, 'a');
    BOOST_CHECK_EQUAL(name_of(tls::Chain::from_certificates({bare})), "");
    BOOST_CHECK_EQUAL(pinning::name_of_server(""), "");
}

BOOST_AUTO_TEST_CASE(a_server_has_the_name_it_was_called_by) {
    BOOST_CHECK_EQUAL(pinning::name_of_server("mcp.example"), "host:mcp.example");
}

BOOST_AUTO_TEST_SUITE_END()
