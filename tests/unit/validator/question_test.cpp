#include "plugins/validator/question.h"

#include <boost/test/unit_test.hpp>

using namespace postern::validator;

namespace {

bool is(const char* method, Question::Kind kind) {
    return question_of(method, "").kind == kind;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(question)

BOOST_AUTO_TEST_CASE(what_every_session_needs_is_passage) {
    for (const char* method : {"", "initialize", "ping", "server/discover", "tools/list",
                               "resources/templates/list", "notifications/initialized"}) {
        BOOST_CHECK(is(method, Question::Kind::passage));
    }
    BOOST_CHECK(is("tools/call", Question::Kind::tool));
    BOOST_CHECK(is("prompts/get", Question::Kind::prompt));
    BOOST_CHECK(is("resources/subscribe", Question::Kind::resource));
    BOOST_CHECK(is("completion/complete", Question::Kind::other));
    BOOST_CHECK(is("tasks/result", Question::Kind::other));
}

BOOST_AUTO_TEST_CASE(a_method_in_other_letters_is_disguised) {
    for (const char* method : {"Tools/Call", "tools/CALL", "PING", "Notifications/x"}) {
        BOOST_CHECK(is(method, Question::Kind::disguised));
    }
}

BOOST_AUTO_TEST_CASE(a_resource_that_a_server_may_read_as_another_has_a_fault) {
    for (const char* good : {"file:///srv/a.txt", "file:///srv/a/", "demo:x", "https://h.example",
                             "https://h.example/a?b=c//d", "file:///a%20b", "note://a/b"}) {
        BOOST_CHECK_EQUAL(resource_fault(good), "");
    }
    for (const char* bad : {"",
                            "no-scheme",
                            "a/../b:c",
                            "file:///srv/../etc/passwd",
                            "file:///srv/./a",
                            "file:///srv/%2e%2e/a",
                            "file:///srv/%2E./a",
                            "file:///srv%2Fa",
                            "file:///srv%5ca",
                            "file:///srv\\a",
                            "file:///srv//a",
                            "File:///srv",
                            "https://H.example/",
                            "file:///a#b",
                            "file:///%61",
                            "file:///a%",
                            "file:///a%zz",
                            "file:///a b",
                            "file:///\xc3\xa9",
                            "file:///a%00"}) {
        BOOST_TEST_CONTEXT(bad) {
            BOOST_CHECK_NE(resource_fault(bad), "");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
