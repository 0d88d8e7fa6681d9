#include "plugins/revocation/pem_reader.h"

#include <boost/test/unit_test.hpp>
#include <cstring>

#include "plugins/revocation/malformed.h"
#include "tests/unit/revocation/crl_writer.h"

namespace postern::revocation {
namespace {

using namespace test;

// Hands out the text in pieces, to cut it everywhere.
Fill pieces_of(const std::string& text, std::size_t piece) {
    return [text, piece, at = std::size_t{0}](std::uint8_t* out, std::size_t room) mutable {
        const std::size_t size = std::min({piece, room, text.size() - at});
        std::memcpy(out, text.data() + at, size);
        at += size;
        return size;
    };
}

std::vector<Der> decode(const std::string& text, std::size_t piece = 1000) {
    PemReader reader(pieces_of(text, piece));
    std::vector<Der> out;
    while (reader.next_block()) {
        Der block;
        std::uint8_t buffer[7];
        while (const std::size_t got = reader.read(buffer, sizeof buffer)) {
            block.insert(block.end(), buffer, buffer + got);
        }
        out.push_back(block);
    }
    return out;
}

std::string refusal(const std::string& text) {
    try {
        decode(text);
        return "";
    } catch (const Malformed& error) {
        return error.what();
    }
}

std::string block(const std::string& body) {
    return "-----BEGIN X509 CRL-----\n" + body + "\n-----END X509 CRL-----\n";
}

BOOST_AUTO_TEST_SUITE(pem_reader)

BOOST_AUTO_TEST_CASE(any_number_of_bytes_comes_back_however_it_is_cut) {
    Der bytes;
    for (std::size_t size = 0; size < 200; ++size) {
        for (const std::size_t piece : {1u, 3u, 64u, 1000u}) {
            BOOST_TEST_REQUIRE(decode(pem(bytes), piece) == std::vector<Der>{bytes});
        }
        bytes.push_back(static_cast<std::uint8_t>(size * 37));
    }
}

BOOST_AUTO_TEST_CASE(several_blocks_and_text_around_them_are_read) {
    const auto blocks = decode("Issuer: somebody\n" + pem({1, 2}) + "\r\nmore\n" + pem({3}));
    BOOST_TEST((blocks == std::vector<Der>{{1, 2}, {3}}));
}

BOOST_AUTO_TEST_CASE(carriage_returns_and_one_long_line_are_read) {
    BOOST_TEST((decode("-----BEGIN X509 CRL-----\r\nAQI=\r\n-----END X509 CRL-----\r\n") ==
                std::vector<Der>{{1, 2}}));
    BOOST_TEST(decode(block(std::string(4'000, 'A')))[0].size() == 3'000u);
}

BOOST_AUTO_TEST_CASE(other_labels_are_refused) {
    BOOST_TEST(refusal(pem({1}, "CERTIFICATE")).find("line 2: expected") == 0u);
    BOOST_TEST(refusal(pem({1}, "CRL")) != "");
    BOOST_TEST(refusal("-----BEGIN X509 CRL----\nAQI=\n") != "");
}

BOOST_AUTO_TEST_CASE(what_is_not_base64_is_refused) {
    for (const char* body : {"AQ", "AQI", "A===", "====", "AQ==AQ==", "AQ=I", "AQI=x",
                             "A*I=", "AR==", "AQJ=", "AQI=\n=", "-"}) {
        BOOST_TEST(refusal(block(body)) != "", body);
    }
}

BOOST_AUTO_TEST_CASE(a_block_that_does_not_end_is_refused) {
    BOOST_TEST(refusal("-----BEGIN X509 CRL-----\nAQID") != "");
    BOOST_TEST(refusal("-----BEGIN X509 CRL-----\nAQID\n-----END CERTIFICATE-----\n") != "");
    BOOST_TEST(refusal("-----BEGIN X509 CRL-----\nAQID\n-----END X509 CRL-----") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::revocation
