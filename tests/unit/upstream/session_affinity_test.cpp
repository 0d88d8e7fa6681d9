#include "core/upstream/session_affinity.h"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(session_affinity)

BOOST_AUTO_TEST_CASE(the_oldest_sessions_are_forgotten) {
    postern::upstream::SessionAffinity sessions;
    for (int i = 0; i < 70000; ++i) sessions.remember("s" + std::to_string(i), 1);
    sessions.remember("s69999", 2);
    BOOST_TEST(!sessions.find("s0").has_value());
    BOOST_TEST(sessions.find("s69999").value() == 2u);
    sessions.remember(std::string(300, 'x'), 1);
    BOOST_TEST(!sessions.find(std::string(300, 'x')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
