#include "core/net/http_chunk_reader.h"

#include <string>

#include <boost/test/unit_test.hpp>

using postern::net::HttpChunkReader;

namespace {

struct Read {
    std::string data;
    HttpChunkReader::Status status;
    std::size_t consumed = 0;
};

Read read_in_pieces(std::string_view text, std::size_t piece) {
    HttpChunkReader reader;
    Read read{{}, HttpChunkReader::Status::need_more, 0};
    while (read.consumed < text.size()) {
        const auto step = reader.consume(text.substr(read.consumed, piece));
        read.consumed += step.consumed;
        read.status = step.status;
        read.data += step.data;
        if (step.status == HttpChunkReader::Status::bad ||
            step.status == HttpChunkReader::Status::end) {
            break;
        }
    }
    return read;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_chunk_reader)

BOOST_AUTO_TEST_CASE(chunks_are_joined_whatever_pieces_they_come_in) {
    const std::string text = "4\r\nwiki\r\n5;name=\"v\"\r\npedia\r\n0\r\nTrailer: x\r\n\r\nnext";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        const auto read = read_in_pieces(text, piece);
        BOOST_TEST(read.data == "wikipedia");
        BOOST_TEST((read.status == HttpChunkReader::Status::end));
        BOOST_TEST(text.substr(read.consumed) == "next");
    }
}

BOOST_AUTO_TEST_CASE(malformed_chunks_are_refused) {
    for (const auto* text : {"\r\n", "g\r\n", "-1\r\n", "0x1\r\n", " 1\r\n", "1 \r\na\r\n",
                             "1\na\r\n", "1\r\nab\r\n", "1\r\na\n", "1\ra\r\n", "1;a\nb\r\na\r\n",
                             "ffffffffffffffff\r\n", "0\r\n\n", "0\r\nA: b\n\r\n", "0\r\n\rX"}) {
        BOOST_TEST((read_in_pieces(text, 1).status == HttpChunkReader::Status::bad), text);
        BOOST_TEST((read_in_pieces(text, 100).status == HttpChunkReader::Status::bad), text);
    }
}

BOOST_AUTO_TEST_CASE(extensions_that_outweigh_the_data_are_refused) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "1;" + std::string(400, 'x') + "\r\na\r\n";
    BOOST_TEST((read_in_pieces(text, text.size()).status == HttpChunkReader::Status::bad));
    const std::string trailers = "0\r\nA: " + std::string(20000, 'x') + "\r\n\r\n";
    BOOST_TEST((read_in_pieces(trailers, 64).status == HttpChunkReader::Status::bad));
}

BOOST_AUTO_TEST_CASE(small_chunks_without_extensions_are_fine_for_ever) {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += "1\r\na\r\n";
    text += "0\r\n\r\n";
    BOOST_TEST((read_in_pieces(text, 4096).status == HttpChunkReader::Status::end));
}

BOOST_AUTO_TEST_SUITE_END()
