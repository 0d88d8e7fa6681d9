#include "core/upstream/http/backend.h"

#include <algorithm>

#include <boost/test/unit_test.hpp>

using namespace postern;
using upstream::HttpBackend;

namespace {

void add_servers(HttpBackend& backend, int count) {
    for (int i = 0; i < count; ++i)
        backend.servers.push_back(std::make_unique<upstream::HttpServer>());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_backend)

BOOST_AUTO_TEST_CASE(servers_take_turns_and_those_that_are_down_come_last) {
    HttpBackend backend;
    add_servers(backend, 3);
    for (std::size_t i = 0; i < 6; ++i) {
        const auto order = backend.order("", {}, 1);
        BOOST_TEST(order.size() == 3u);
        BOOST_TEST(order[0] == i % 3);
    }
    backend.servers[0]->down_until_ns = 5;
    backend.servers[2]->unwell = true;
    for (int i = 0; i < 3; ++i) BOOST_TEST(backend.order("", {}, 4)[0] == 1u);
    backend.servers[1]->unwell = true;
    const auto order = backend.order("", {}, 6);
    BOOST_TEST(order[0] == 0u);
    BOOST_TEST(order.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_session_comes_first_to_its_own_even_when_that_is_down) {
    HttpBackend backend;
    add_servers(backend, 3);
    backend.sessions.remember("s", {}, 2);
    backend.servers[2]->unwell = true;
    for (int i = 0; i < 3; ++i) BOOST_TEST(backend.order("s", {}, 1)[0] == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
