#include "core/base/nearest.h"

#include <vector>

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

const std::vector<std::string> kKeys{
    "private_key", "certificate", "client_certificate", "port", "host", "policy", "on_error"};

}  // namespace

BOOST_AUTO_TEST_SUITE(nearest_)

BOOST_AUTO_TEST_CASE(a_mistyped_key_finds_its_neighbour) {
    BOOST_TEST(nearest("privat_key", kKeys).value() == "private_key");
    BOOST_TEST(nearest("certifciate", kKeys).value() == "certificate");
    BOOST_TEST(nearest("prot", kKeys).value() == "port");
    BOOST_TEST(nearest("on_eror", kKeys).value() == "on_error");
    BOOST_TEST(nearest("client-certificate", kKeys).value() == "client_certificate");
}

BOOST_AUTO_TEST_CASE(a_stranger_finds_nothing) {
    BOOST_TEST(!nearest("elephant", kKeys).has_value());
    BOOST_TEST(!nearest("", kKeys).has_value());
    BOOST_TEST(!nearest("x", kKeys).has_value());
    BOOST_TEST(!nearest(std::string(100000, 'p'), kKeys).has_value());
    BOOST_TEST(!nearest("port", {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
