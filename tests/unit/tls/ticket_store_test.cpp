#include "core/tls/ticket_store.h"

#include <boost/test/unit_test.hpp>

using namespace postern;
using namespace postern::tls;

BOOST_AUTO_TEST_SUITE(ticket_store)

BOOST_AUTO_TEST_CASE(newest_ticket_of_a_server_is_given_once) {
    TicketStore store;
    BOOST_TEST(!store.take("a").has_value());
    store.put("a", {1});
    store.put("a", {2});
    store.put("b", {3});
    BOOST_TEST((*store.take("a") == Bytes{2}));
    BOOST_TEST((*store.take("a") == Bytes{1}));
    BOOST_TEST(!store.take("a").has_value());
}

BOOST_AUTO_TEST_CASE(oldest_tickets_go_when_there_are_too_many) {
    TicketStore store;
    store.put("first", {1});
    for (std::size_t i = 0; i < TicketStore::kMaxTickets; ++i) store.put("later", {2});
    BOOST_TEST(!store.take("first").has_value());
    for (std::size_t i = 0; i < TicketStore::kMaxTickets; ++i)
        BOOST_TEST(store.take("later").has_value());
    BOOST_TEST(!store.take("later").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
