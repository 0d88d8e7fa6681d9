#include "core/gate/token_parameter.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {
namespace {

bool in_query(std::string_view query) {
    net::HttpRequest request;
    request.target = "/mcp?" + std::string(query);
    return has_token_parameter(request);
}

bool in_body(std::string_view content_type, std::string_view body) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/mcp";
    if (!content_type.empty()) request.headers.add("Content-Type", content_type);
    request.body = body;
    return has_token_parameter(request);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(token_parameter)

BOOST_AUTO_TEST_CASE(a_token_in_the_query_is_seen_however_it_is_spelt) {
    for (const char* query :
         {"access_token=x", "access_token", "a=b&access_token=x", "a=b;access_token=x",
          "%61ccess_token=x", "access%5Ftoken=x", "access%5ftoken=x", "Access_Token=x",
          "access.token=x", "access+token=x", "+access_token=x", "access_token%00z=x",
          "access_token[]=x", "access_token%5B0%5D=x", "a?access_token&access_token=x"}) {
        BOOST_TEST(in_query(query), query);
    }
    for (const char* query : {"", "a=access_token", "access_tokens=x", "xaccess_token=x", "token=x",
                              "a=b&&c", "%2", "%zz=access_token"}) {
        BOOST_TEST(!in_query(query), query);
    }
}

BOOST_AUTO_TEST_CASE(a_token_in_a_form_is_seen_under_any_type_but_json) {
    for (const char* type : {"application/x-www-form-urlencoded", "text/plain", "",
                             "Application/X-WWW-Form-Urlencoded; charset=utf-8"}) {
        BOOST_TEST(in_body(type, "a=b&%61ccess_token=x"), type);
        BOOST_TEST(!in_body(type, "a=access_token"), type);
    }
    const char* part = "--x\r\nContent-Disposition: form-data; name=\"Access_token\"\r\n\r\nx";
    BOOST_TEST(in_body("multipart/form-data; boundary=x", part));
    BOOST_TEST(!in_body("application/json", R"({"a":"&access_token=x"})"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
