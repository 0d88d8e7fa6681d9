#include "core/upstream/http/outbound.h"

#include <set>

#include <boost/test/unit_test.hpp>

using namespace postern;
using upstream::outbound_name;
using upstream::OutboundConnections;

BOOST_AUTO_TEST_SUITE(outbound)

BOOST_AUTO_TEST_CASE(no_two_ways_out_have_one_name_nor_one_folder) {
    std::set<std::string> names;
    for (const char* route : {"a/b", "a_b", "a%2Fb", "a:b", "b"})
        names.insert(outbound_name("l", route));
    names.insert(outbound_name("l:a", "b"));
    names.insert(outbound_name("l2", "b"));
    BOOST_TEST(names.size() == 6u);  // a listener's name has no ":"
    for (const std::string& name : names) BOOST_TEST(name.find('/') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(connections_are_the_same_as_long_as_someone_has_them) {
    OutboundConnections connections;
    auto first = connections.of("x", 2);
    BOOST_TEST(first.size() == 2u);
    BOOST_TEST((connections.of("x", 2)[1] == first[1]));
    BOOST_TEST((connections.of("y", 2)[1] != first[1]));
    const std::weak_ptr<upstream::ServerConnections> weak = first[0];
    first.clear();
    static_cast<void>(connections.of("y", 2));
    BOOST_TEST(weak.expired());
}

BOOST_AUTO_TEST_SUITE_END()
