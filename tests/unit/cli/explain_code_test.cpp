#include "core/cli/explain_code.h"

#include <fstream>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "core/base/reason_advice.h"

using namespace postern;
using namespace postern::cli;

BOOST_AUTO_TEST_SUITE(explain_codes)

BOOST_AUTO_TEST_CASE(every_reason_has_its_own_cause_and_cure_in_one_line) {
    for (const ReasonRow& row : reason_table()) {
        if (row.reason == POSTERN_REASON_NONE) continue;
        const ReasonAdvice& advice = advice_for(row.reason);
        BOOST_TEST(advice.reason == row.reason, row.name);
        for (const std::string_view text : {advice.cause, advice.cure}) {
            BOOST_TEST(!text.empty(), row.name);
            BOOST_TEST(!text.ends_with("."), row.name);
            BOOST_TEST(text.find('\n') == std::string_view::npos, row.name);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_code_is_a_name_or_a_number) {
    const auto by_name = explain_code("not_pinned");
    BOOST_REQUIRE(by_name.ok());
    BOOST_TEST(by_name->starts_with("not_pinned (300)\nmeaning: "));
    BOOST_TEST(by_name->find("\ncure: ") != std::string::npos);
    BOOST_TEST(*explain_code("300") == *by_name);
    BOOST_TEST(explain_code("not_pined").error().message ==
               "\"not_pined\" is no reason code; did you mean not_pinned?");
    for (const char* wrong : {"", "99999", "-1", "300x", "4294967596"})
        BOOST_TEST(!explain_code(wrong).ok(), wrong);
}

BOOST_AUTO_TEST_CASE(the_troubleshooting_page_has_the_same_text) {
    std::ifstream page("config/troubleshooting.md");
    BOOST_REQUIRE(page.good());
    std::ostringstream text;
    text << page.rdbuf();
    BOOST_TEST(text.str() == troubleshooting_page(),
               "postern explain --page > config/troubleshooting.md makes it anew");
}

BOOST_AUTO_TEST_SUITE_END()
