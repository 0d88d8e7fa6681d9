#include "plugins/validator/pattern.h"

#include <boost/test/unit_test.hpp>

using postern::validator::Pattern;

namespace {

bool name(const char* pattern, const char* text) {
    BOOST_REQUIRE_EQUAL(Pattern::fault(pattern, Pattern::Form::name), "");
    return Pattern(pattern, Pattern::Form::name).matches(text);
}

bool segments(const char* pattern, const char* text) {
    BOOST_REQUIRE_EQUAL(Pattern::fault(pattern, Pattern::Form::segments), "");
    return Pattern(pattern, Pattern::Form::segments).matches(text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pattern)

BOOST_AUTO_TEST_CASE(a_star_ends_a_name_and_stands_for_any_rest) {
    BOOST_CHECK(name("read_*", "read_file"));
    BOOST_CHECK(name("read_*", "read_"));
    BOOST_CHECK(!name("read_*", "Read_file"));
    BOOST_CHECK(!name("read_*", "x_read_file"));
    BOOST_CHECK(!name("read", "read_file"));
    BOOST_CHECK(name("*", ""));
    BOOST_CHECK(!name("a.c", "abc"));
    for (const char* wrong : {"", "*_read", "a*b", "**"}) {
        BOOST_CHECK_NE(Pattern::fault(wrong, Pattern::Form::name), "");
    }
}

BOOST_AUTO_TEST_CASE(a_star_is_one_segment_and_two_are_the_rest) {
    BOOST_CHECK(segments("spiffe://corp/*/web", "spiffe://corp/a/web"));
    BOOST_CHECK(!segments("spiffe://corp/*/web", "spiffe://corp/a/b/web"));
    BOOST_CHECK(!segments("spiffe://corp/*/web", "spiffe://corp//web"));
    BOOST_CHECK(!segments("spiffe://corp/*", "spiffe://corp/"));
    BOOST_CHECK(!segments("spiffe://corp/*", "spiffe://corp/a/"));
    BOOST_CHECK(segments("spiffe://corp/**", "spiffe://corp/a/b/c"));
    BOOST_CHECK(!segments("spiffe://corp/**", "spiffe://corp/"));
    BOOST_CHECK(!segments("spiffe://corp/**", "spiffe://corp"));
    BOOST_CHECK(!segments("spiffe://corp/**", "spiffe://corporation/a"));
    BOOST_CHECK(segments("**", "anything/at/all"));
    for (const char* wrong : {"a/b*", "**/a", "a/***", "a/*b/c"}) {
        BOOST_CHECK_NE(Pattern::fault(wrong, Pattern::Form::segments), "");
    }
}

BOOST_AUTO_TEST_SUITE_END()
