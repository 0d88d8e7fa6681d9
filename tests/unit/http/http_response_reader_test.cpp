#include "core/net/http_response_reader.h"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace postern::net;
using Status = HttpResponseReader::Status;

namespace {

struct Read {
    Status last = Status::need_more;
    bool head = false;
    std::string body;
    std::string left;
};

Read feed(HttpResponseReader& reader, std::string_view text, std::size_t piece) {
    Read read;
    std::size_t at = 0;
    do {
        std::string_view bytes = text.substr(at, piece);
        at += bytes.size();
        for (;;) {
            const auto step = reader.consume(bytes);
            bytes.remove_prefix(step.consumed);
            read.last = step.status;
            read.head = read.head || step.status == Status::head;
            read.body += step.body;
            if (step.status == Status::complete || step.status == Status::bad) {
                read.left = std::string(bytes) + std::string(text.substr(at));
                return read;
            }
            if (step.status == Status::need_more) break;
        }
    } while (at < text.size());
    return read;
}

Read feed(std::string_view text, HasBody has_body = HasBody::yes) {
    HttpResponseReader reader(has_body);
    return feed(reader, text, text.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_response_reader)

BOOST_AUTO_TEST_CASE(answers_are_the_same_whatever_pieces_they_come_in) {
    for (const std::string text :
         {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
          "Connection: x-hop\r\nX-Hop: 1\r\nX-End: 2\r\n\r\nhelloleft",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-End: 2\r\n\r\n"
          "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\nleft"}) {
        for (std::size_t piece = 1; piece <= text.size(); ++piece) {
            HttpResponseReader reader(HasBody::yes);
            const auto read = feed(reader, text, piece);
            BOOST_TEST((read.last == Status::complete));
            BOOST_TEST(read.body == "hello");
            BOOST_TEST(read.left == "left");
            BOOST_TEST(reader.keep_alive());
            BOOST_TEST(reader.head().status == 200);
            BOOST_TEST(reader.head().headers.all().size() == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_end_by_closing_is_an_end_only_without_a_length) {
    HttpResponseReader open(HasBody::yes);
    const auto read = feed(open, "HTTP/1.1 200 OK\r\n\r\nabc", 100);
    BOOST_TEST((read.last == Status::need_more));
    BOOST_TEST(read.body == "abc");
    BOOST_TEST((open.end_of_input().status == Status::complete));
    BOOST_TEST(!open.keep_alive());

    HttpResponseReader cut(HasBody::yes);
    (void)feed(cut, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", 100);
    BOOST_TEST((cut.end_of_input().status == Status::bad));

    HttpResponseReader nothing(HasBody::yes);
    BOOST_TEST(!nothing.started());
    BOOST_TEST((nothing.end_of_input().status == Status::bad));
}

BOOST_AUTO_TEST_CASE(answers_without_a_body_end_with_their_head) {
    HttpResponseReader head(HasBody::no);
    BOOST_TEST(
        (feed(head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 100).last == Status::complete));
    BOOST_TEST(*head.length() == 5u);
    BOOST_TEST((feed("HTTP/1.1 204 No Content\r\n\r\n").last == Status::complete));
    BOOST_TEST(
        (feed("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").last == Status::complete));
    BOOST_TEST(
        (feed("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").last == Status::complete));
}

BOOST_AUTO_TEST_CASE(ambiguous_answers_are_refused) {
    for (const std::string fields : {"Transfer-Encoding: gzip, chunked\r\n",
                                     "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
                                     "Content-Length: 1\r\nContent-Length: 1\r\n",
                                     "Content-Length: x\r\n", "X: a\r\n b\r\n"}) {
        BOOST_TEST((feed("HTTP/1.1 200 OK\r\n" + fields + "\r\n").last == Status::bad), fields);
    }
    BOOST_TEST((feed("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").last == Status::bad));
    BOOST_TEST((feed("HTTP/1.1 101 Switching Protocols\r\n\r\n").last == Status::bad));
    BOOST_TEST((feed("HTTP/1.1 999 What\r\n\r\n").last == Status::bad));
    BOOST_TEST((feed("SSH-2.0-x\r\n\r\n").last == Status::bad));
    std::string interim;
    for (int i = 0; i < 9; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
    BOOST_TEST((feed(interim).last == Status::bad));
}

BOOST_AUTO_TEST_SUITE_END()
