#include "core/net/http_request_reader.h"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern::net;
using Status = HttpRequestReader::Status;

namespace {

constexpr HttpRequestReader::Limits kLimits{1024, 64};

struct Read {
    Status status;
    std::size_t consumed;
};

Read feed(HttpRequestReader& reader, std::string_view text, std::size_t piece) {
    Read read{Status::need_more, 0};
    while (read.consumed < text.size() && read.status == Status::need_more) {
        const auto result = reader.consume(text.substr(read.consumed, piece));
        read.consumed += result.consumed;
        read.status = result.status;
    }
    return read;
}

std::string refusal(std::string_view text) {
    HttpRequestReader whole(kLimits);
    HttpRequestReader bytewise(kLimits);
    const auto status = feed(whole, text, text.size()).status;
    BOOST_TEST((feed(bytewise, text, 1).status == status), text);
    BOOST_TEST((status == Status::bad), text);
    return whole.failure().detail;
}

std::string get(std::string_view fields) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_request_reader)

BOOST_AUTO_TEST_CASE(a_request_is_the_same_whatever_pieces_it_comes_in) {
    const std::string text =
        "POST /mcp?x=1 HTTP/1.1\r\nHost: Example.COM:8443\r\nContent-Length: 5\r\n"
        "Mcp-Name:  a b \t\r\n\r\nhelloGET";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        HttpRequestReader reader(kLimits);
        const auto read = feed(reader, text, piece);
        BOOST_REQUIRE((read.status == Status::complete));
        BOOST_TEST(text.substr(read.consumed) == "GET");
        BOOST_TEST(reader.keep_alive());
        const HttpRequest request = reader.take_request();
        BOOST_TEST(request.method == "POST");
        BOOST_TEST(request.target == "/mcp?x=1");
        BOOST_TEST(request.path == "/mcp");
        BOOST_TEST(request.host == "example.com");
        BOOST_TEST(*request.headers.find("mcp-name") == "a b");
        BOOST_TEST(request.body == "hello");
    }
}

BOOST_AUTO_TEST_CASE(chunked_bodies_are_joined) {
    HttpRequestReader reader(kLimits);
    const auto read = feed(reader,
                           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                           "3\r\nabc\r\n2\r\nde\r\n0\r\nContent-Length: 9\r\n\r\n",
                           7);
    BOOST_TEST((read.status == Status::complete));
    const auto request = reader.take_request();
    BOOST_TEST(request.body == "abcde");
    BOOST_TEST(!request.headers.find("Content-Length"));
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_read_one_after_another) {
    const std::string two = get("") + get("Connection: close\r\n");
    HttpRequestReader reader(kLimits);
    const auto first = feed(reader, two, two.size());
    BOOST_TEST((first.status == Status::complete));
    BOOST_TEST(reader.keep_alive());
    reader.reset();
    BOOST_TEST(!reader.started());
    const auto second = feed(reader, std::string_view(two).substr(first.consumed), two.size());
    BOOST_TEST((second.status == Status::complete));
    BOOST_TEST(!reader.keep_alive());
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_for_continue_is_seen) {
    HttpRequestReader reader(kLimits);
    const auto result = reader.consume(
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
    BOOST_TEST((result.status == Status::need_more));
    BOOST_TEST(reader.head_done());
    BOOST_TEST(reader.expects_continue());
    BOOST_TEST((reader.consume("a").status == Status::need_more));
    BOOST_TEST(!reader.expects_continue());
}

BOOST_AUTO_TEST_CASE(ambiguous_framing_is_refused) {
    for (const auto* fields : {"Transfer-Encoding: xchunked\r\n",
                               "Transfer-Encoding: \"chunked\"\r\n",
                               "Transfer-Encoding: chunked, identity\r\n",
                               "Transfer-Encoding: gzip, chunked\r\n",
                               "Transfer-Encoding: identity\r\n",
                               "Transfer-Encoding:\r\n",
                               "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                               "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                               "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                               "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                               "Content-Length: 3\r\nTransfer-Encoding: x\r\n",
                               "Content-Length: 3\r\nContent-Length: 3\r\n",
                               "Content-Length: 3, 3\r\n",
                               "Content-Length: +3\r\n",
                               "Content-Length: -3\r\n",
                               "Content-Length: 3x\r\n",
                               "Content-Length: 0x3\r\n",
                               "Content-Length:\r\n",
                               "Content-Length: 99999999999999999999\r\n",
                               "Transfer-Encoding : chunked\r\n",
                               "Transfer-Encoding:\r\n chunked\r\n",
                               "X: a\r\n b\r\n",
                               "X: a\r\n\tb\r\n"}) {
        refusal(get(fields));
    }
    refusal("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(stray_control_characters_are_refused_at_once) {
    HttpRequestReader reader(kLimits);
    BOOST_TEST((reader.consume("GET / HTTP/1.1\n").status == Status::bad));
    HttpRequestReader tls(kLimits);
    BOOST_TEST((tls.consume("\x16\x03\x01").status == Status::bad));
    refusal(get("X: a\rb\r\n"));
    refusal(get(std::string_view("X: a\0b\r\n", 8)));
    refusal(get("X: a\x7f\r\n"));
    refusal("\r\n" + get(""));
}

BOOST_AUTO_TEST_CASE(hosts_are_required_once_and_must_be_hosts) {
    refusal("GET / HTTP/1.1\r\n\r\n");
    refusal("GET / HTTP/1.0\r\n\r\n");
    refusal(get("Host: b\r\n"));
    refusal(get("host: a\r\n"));
    BOOST_TEST(refusal("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n") == "Host is not a host");
}

BOOST_AUTO_TEST_CASE(targets_in_other_forms_are_refused) {
    for (const auto* line : {"GET http://a/ HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT a:1 HTTP/1.1",
                             "TRACE / HTTP/1.1", "GET a HTTP/1.1", "GET  / HTTP/1.1",
                             "GET /\t HTTP/1.1", "GET / HTTP/2.0", "GET / HTTP/1.2", "GET /",
                             "G@T / HTTP/1.1", "GET /a\xc3\xa4 HTTP/1.1", "GET /#x HTTP/1.1"}) {
        refusal(std::string(line) + "\r\nHost: a\r\n\r\n");
    }
    refusal(std::string(33, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(fields_that_may_stand_once_are_refused_twice) {
    refusal(get("Mcp-Session-Id: a\r\nmcp-session-id: b\r\n"));
    refusal(get("Content-Type: application/json\r\nContent-Type: text/plain\r\n"));
}

BOOST_AUTO_TEST_CASE(connection_may_not_name_fields_that_are_judged_by) {
    for (const auto* fields :
         {"Connection: Mcp-Session-Id\r\nMcp-Session-Id: a\r\n", "Connection: mcp-session-id\r\n",
          "Connection: close, Content-Type\r\n", "Connection: x ,\tORIGIN\r\n",
          "Connection: keep-alive\r\nConnection: Host\r\n", "Connection: Authorization\r\n",
          "Connection: Expect\r\n", "Connection: MCP-Protocol-Version\r\n",
          "Connection: Mcp-Method\r\n", "Connection: Mcp-Name\r\n"}) {
        refusal(get(fields));
    }
    for (const auto* fields : {"Connection: close\r\n", "Connection: keep-alive, X-Hop\r\n",
                               "Connection: TE, Upgrade\r\n", "Connection: X-Mcp-Session-Id\r\n"}) {
        HttpRequestReader reader(kLimits);
        BOOST_TEST((feed(reader, get(fields), 100).status == Status::complete), fields);
    }
}

BOOST_AUTO_TEST_CASE(limits_have_reasons_of_their_own) {
    HttpRequestReader head(kLimits);
    BOOST_TEST(
        (feed(head, get("X: " + std::string(2000, 'x') + "\r\n"), 100).status == Status::bad));
    BOOST_TEST(head.failure().reason == POSTERN_REASON_HEADER_TOO_LARGE);

    HttpRequestReader length(kLimits);
    BOOST_TEST((feed(length, get("Content-Length: 65\r\n"), 100).status == Status::bad));
    BOOST_TEST(length.failure().reason == POSTERN_REASON_BODY_TOO_LARGE);

    HttpRequestReader chunks(kLimits);
    BOOST_TEST((
        feed(chunks,
             get("Transfer-Encoding: chunked\r\n") + "40\r\n" + std::string(64, 'a') + "\r\n1\r\na",
             1)
            .status == Status::bad));
    BOOST_TEST(chunks.failure().reason == POSTERN_REASON_BODY_TOO_LARGE);

    std::string fields;
    for (int i = 0; i < 100; ++i) fields += "X:\r\n";
    refusal(get(fields));
}

BOOST_AUTO_TEST_CASE(an_announced_length_takes_no_memory) {
    HttpRequestReader reader({1024, std::uint64_t{1} << 40});
    BOOST_TEST((feed(reader, get("Content-Length: 1000000000000\r\n") + "a", 100).status ==
                Status::need_more));
    BOOST_TEST(reader.take_request().body.capacity() < 1000u);
}

BOOST_AUTO_TEST_CASE(http_1_0_closes_unless_it_asks) {
    HttpRequestReader reader(kLimits);
    BOOST_TEST((feed(reader, "GET / HTTP/1.0\r\nHost: a\r\n\r\n", 99).status == Status::complete));
    BOOST_TEST(!reader.keep_alive());
    reader.reset();
    BOOST_TEST((
        feed(reader, "GET / HTTP/1.0\r\nHost: a\r\nConnection: x, Keep-Alive\r\n\r\n", 99).status ==
        Status::complete));
    BOOST_TEST(reader.keep_alive());
}

BOOST_AUTO_TEST_SUITE_END()
