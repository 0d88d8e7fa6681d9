#include "core/gate/refusal.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(the_text_says_the_status_and_whom_to_ask) {
    BOOST_TEST(refusal_text(POSTERN_REASON_IDENTITY_NOT_ALLOWED, "7", "") ==
               R"({"jsonrpc":"2.0","id":7,"error":{"code":208,"message":"Forbidden"}})");
    BOOST_TEST(refusal_text(POSTERN_REASON_UPSTREAM_UNREACHABLE, R"("a")", "ops@example") ==
               R"({"jsonrpc":"2.0","id":"a","error":{"code":759,)"
               R"("message":"Bad Gateway; contact: ops@example"}})");
    BOOST_TEST(refusal_text(POSTERN_REASON_BODY_TOO_LARGE, "", "say \"please\"") ==
               R"({"jsonrpc":"2.0","id":null,"error":{"code":753,)"
               R"("message":"Content Too Large; contact: say \"please\""}})");
}

BOOST_AUTO_TEST_CASE(another_s_session_sounds_as_one_that_never_was) {
    BOOST_TEST(refusal_text(POSTERN_REASON_SESSION_FOREIGN, "1", "") ==
               refusal_text(POSTERN_REASON_SESSION_UNKNOWN, "1", ""));
}

BOOST_AUTO_TEST_CASE(no_reason_has_a_code_of_json_rpc_or_mcp) {
    for (const ReasonRow& row : reason_table()) {
        const int code = static_cast<int>(row.reason);
        BOOST_TEST((code < -32768 || code > -32000));
    }
}

BOOST_AUTO_TEST_CASE(the_first_message_that_waits_for_an_answer_speaks_for_all) {
    mcp::Messages messages;
    BOOST_TEST((spokesman(messages) == nullptr));
    messages.all.resize(3);
    messages.all[0].kind = mcp::MessageKind::notification;
    messages.all[2].kind = mcp::MessageKind::response;
    messages.all[2].id = "8";
    messages.all[1].kind = mcp::MessageKind::notification;
    BOOST_TEST((spokesman(messages) == &messages.all[0]));
    messages.all[1].kind = mcp::MessageKind::request;
    messages.all[1].id = "7";
    BOOST_TEST((spokesman(messages) == &messages.all[1]));
    BOOST_TEST(refused_request("files", spokesman(messages)).id == "7");
    BOOST_TEST(refused_request("files", nullptr).id == "");
    BOOST_TEST(refused_request("files", &messages.all[2]).id == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
