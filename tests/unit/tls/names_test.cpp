#include "core/tls/names.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using namespace postern::tls;

namespace {

bool is_for(std::string san, std::string_view name) {
    Certificate leaf;
    leaf.san_dns = {std::move(san)};
    return is_certificate_for(leaf, *parse_server_name(name));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(server_name_is_a_dns_name_or_an_address) {
    BOOST_TEST(parse_server_name("MCP.Example.")->text == "mcp.example");
    BOOST_TEST(!parse_server_name("localhost")->is_address());
    BOOST_TEST((parse_server_name("192.0.2.1")->address == Bytes{192, 0, 2, 1}));
    BOOST_TEST(parse_server_name("::1")->address.size() == 16U);
    for (const char* bad : {"", ".", "a..b", "a b", "[::1]", "*.example", "1.2.3", "a/b", "a:1"})
        BOOST_TEST(!parse_server_name(bad).ok());
    BOOST_TEST(!parse_server_name(std::string("a\0b", 3)).ok());
}

BOOST_AUTO_TEST_CASE(names_compare_without_case) {
    BOOST_TEST(is_for("Gate.Example", "gate.example"));
    BOOST_TEST(!is_for("gate.example.org", "gate.example"));
    BOOST_TEST(!is_for(std::string("gate.example\0.org", 17), "gate.example"));
}

BOOST_AUTO_TEST_CASE(wildcard_stands_for_one_whole_label_and_for_no_registry) {
    BOOST_TEST(is_for("*.gate.example", "a.gate.example"));
    BOOST_TEST(!is_for("*.gate.example", "gate.example"));
    BOOST_TEST(!is_for("*.gate.example", "a.b.gate.example"));
    BOOST_TEST(!is_for("a*.gate.example", "ab.gate.example"));
    BOOST_TEST(!is_for("*.example", "gate.example"));
    BOOST_TEST(!is_for("*", "gate"));
}

BOOST_AUTO_TEST_CASE(common_name_is_no_name) {
    Certificate leaf;
    leaf.subject_text = "CN=gate.example";
    leaf.common_names = {"gate.example"};
    BOOST_TEST(!is_certificate_for(leaf, *parse_server_name("gate.example")));
    leaf.san_dns = {"other.example"};
    BOOST_TEST(!is_certificate_for(leaf, *parse_server_name("gate.example")));
}

BOOST_AUTO_TEST_CASE(address_is_compared_with_addresses_alone) {
    Certificate leaf;
    leaf.san_dns = {"192.0.2.1"};
    BOOST_TEST(!is_certificate_for(leaf, *parse_server_name("192.0.2.1")));
    leaf.san_ip = {{192, 0, 2, 1}};
    BOOST_TEST(is_certificate_for(leaf, *parse_server_name("192.0.2.1")));
    BOOST_TEST(!is_certificate_for(leaf, *parse_server_name("::ffff:192.0.2.1")));
}

BOOST_AUTO_TEST_SUITE_END()
