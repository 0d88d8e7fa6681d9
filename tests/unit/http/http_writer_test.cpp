#include "core/net/http_writer.h"

#include <boost/test/unit_test.hpp>

#include "core/net/http_head.h"

using namespace postern::net;

BOOST_AUTO_TEST_SUITE(http_writer)

BOOST_AUTO_TEST_CASE(requests_keep_what_is_end_to_end_and_nothing_that_speaks_for_the_gate) {
    HttpRequest request;
    request.method = "POST";
    request.body = "{}";
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"Host", "public:8443"},
             {"Mcp-Param-X", "1"},
             {"Connection", "X-Hop, close"},
             {"X-Hop", "1"},
             {"TE", "trailers"},
             {"Upgrade", "h2c"},
             {"X-Forwarded-For", "6.6.6.6"},
             {"x-forwarded-client-cert", "evil"},
             {"Client-Cert", "evil"},
             {"Forwarded", "for=evil"},
             {"Expect", "100-continue"},
             {"Content-Length", "2"}}) {
        request.headers.add(name, value);
    }
    const auto text = write_request_head(
        request, {"/srv?x", "127.0.0.1:3000", "192.0.2.1", "public:8443", "https"});
    BOOST_REQUIRE(text.ok());
    BOOST_TEST(*text ==
               "POST /srv?x HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nMcp-Param-X: 1\r\n"
               "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Host: public:8443\r\n"
               "X-Forwarded-Proto: https\r\nContent-Length: 2\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(underscores_read_as_hyphens_in_what_speaks_for_the_gate) {
    HttpRequest request;
    request.method = "GET";
    for (const auto* name : {"X_Forwarded_For", "x-forwarded_proto", "X_FORWARDED-Client_Cert",
                             "X_Real_IP", "Client_Cert", "client-cert_chain"}) {
        request.headers.add(name, "evil");
    }
    request.headers.add("X_Other", "1");
    const auto text =
        write_request_head(request, {"/", "127.0.0.1:3000", "192.0.2.1", "public", "https"});
    BOOST_REQUIRE(text.ok());
    BOOST_TEST(text->find("evil") == std::string::npos);
    BOOST_TEST(text->find("X_Other: 1\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(values_that_would_break_the_head_apart_are_refused) {
    HttpResponseHead head;
    head.headers.add("X", "a\r\nSet-Cookie: b");
    std::string out = "before";
    BOOST_TEST(!write_response_head(head, {}, out).ok());
    HttpResponseHead name;
    name.headers.add("X: y\r\nZ", "a");
    BOOST_TEST(!write_response_head(name, {}, out).ok());
    HttpResponseHead reason;
    reason.reason = "OK\r\nX: y";
    BOOST_TEST(!write_response_head(reason, {}, out).ok());
    BOOST_TEST(out == "before");
}

BOOST_AUTO_TEST_CASE(framing_follows_method_status_and_version) {
    using Kind = BodyFraming::Kind;
    BOOST_TEST(
        (choose_response_framing("GET", 1, 200, 5, KeepAlive::yes).body.kind == Kind::length));
    BOOST_TEST(
        (choose_response_framing("GET", 1, 200, {}, KeepAlive::yes).body.kind == Kind::chunked));
    const auto old = choose_response_framing("GET", 0, 200, {}, KeepAlive::yes);
    BOOST_TEST((old.body.kind == Kind::until_close));
    BOOST_TEST((old.keep_alive == KeepAlive::no));
    const auto head = choose_response_framing("HEAD", 1, 200, 5, KeepAlive::yes);
    BOOST_TEST((head.body.kind == Kind::none));
    BOOST_TEST(*head.announced_length == 5u);
    const auto none = choose_response_framing("GET", 1, 204, 0, KeepAlive::yes);
    BOOST_TEST((none.body.kind == Kind::none));
    BOOST_TEST(!none.announced_length);
}

BOOST_AUTO_TEST_CASE(responses_carry_our_framing_and_a_date) {
    HttpResponseHead head;
    head.status = 202;
    head.headers.add("Connection", "close");
    head.headers.add("Transfer-Encoding", "gzip");
    std::string text;
    const auto framing = choose_response_framing("POST", 1, 202, 0, KeepAlive::yes);
    BOOST_REQUIRE(write_response_head(head, framing, text).ok());
    const auto parsed = parse_response_head(text);
    BOOST_REQUIRE(parsed.ok());
    BOOST_TEST(parsed->head.reason == "Accepted");
    BOOST_TEST(parsed->head.headers.find("Date")->size() == 29u);
    BOOST_TEST(*parsed->head.headers.find("Content-Length") == "0");
    BOOST_TEST(*parsed->head.headers.find("Connection") == "keep-alive");
    BOOST_TEST(!parsed->head.headers.find("Transfer-Encoding"));
    BOOST_TEST(chunk_start(255) == "ff\r\n");
}

BOOST_AUTO_TEST_SUITE_END()
