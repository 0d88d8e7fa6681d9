#include "core/tls/client_hello.h"

#include <boost/test/unit_test.hpp>

#include "core/tls/ja4.h"

using namespace postern;
using namespace postern::tls;

namespace {

void put16(Bytes& out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

Bytes extension(std::uint16_t type, const Bytes& data) {
    Bytes out;
    put16(out, type);
    put16(out, data.size());
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

Bytes server_name(std::string_view name) {
    Bytes data;
    put16(data, name.size() + 3);
    data.push_back(0);
    put16(data, name.size());
    data.insert(data.end(), name.begin(), name.end());
    return extension(0, data);
}

Bytes numbers(std::uint16_t type, const std::vector<std::uint16_t>& values) {
    Bytes data;
    put16(data, 2 * values.size());
    for (const std::uint16_t value : values) put16(data, value);
    return extension(type, data);
}

struct Parts {
    std::vector<std::uint16_t> ciphers = {0x1301, 0xc02b};
    std::vector<Bytes> extensions = {};
    bool without_extensions = false;
};

Bytes body_of(const Parts& parts) {
    Bytes body = {3, 3};
    body.insert(body.end(), 32, 0x55);
    body.push_back(0);
    put16(body, 2 * parts.ciphers.size());
    for (const std::uint16_t cipher : parts.ciphers) put16(body, cipher);
    body.insert(body.end(), {1, 0});
    if (parts.without_extensions) return body;
    Bytes list;
    for (const Bytes& item : parts.extensions) list.insert(list.end(), item.begin(), item.end());
    put16(body, list.size());
    body.insert(body.end(), list.begin(), list.end());
    return body;
}

Bytes records_of(const Bytes& body, std::size_t fragment = 16384) {
    Bytes message = {1, 0};
    put16(message, body.size());
    message.insert(message.end(), body.begin(), body.end());
    Bytes wire;
    for (std::size_t at = 0; at < message.size(); at += fragment) {
        const std::size_t size = std::min(fragment, message.size() - at);
        wire.insert(wire.end(), {22, 3, 1});
        put16(wire, size);
        wire.insert(wire.end(), message.begin() + static_cast<std::ptrdiff_t>(at),
                    message.begin() + static_cast<std::ptrdiff_t>(at + size));
    }
    return wire;
}

HelloResult with_name(std::string_view name) {
    Parts parts;
    parts.extensions = {server_name(name)};
    return parse_client_hello(body_of(parts));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(client_hello)

BOOST_AUTO_TEST_CASE(everything_in_a_hello_is_read) {
    Parts parts;
    parts.extensions = {
        server_name("Gate.Example"), numbers(10, {0x0a0a, 29, 23}), numbers(13, {0x0403, 0x0804}),
        extension(16, {0, 6, 2, 'h', '2', 2, 'h', '3'}), extension(43, {4, 3, 4, 3, 3})};
    const Bytes body = body_of(parts);
    const auto result = read_client_hello(records_of(body));
    BOOST_REQUIRE((result.status == HelloStatus::complete));
    const ClientHello& hello = result.hello;
    BOOST_TEST((hello.raw == body));
    BOOST_TEST(hello.sni == "gate.example");
    BOOST_TEST((hello.alpn == std::vector<std::string>{"h2", "h3"}));
    BOOST_TEST((hello.versions == std::vector<std::uint16_t>{0x0304, 0x0303}));
    BOOST_TEST((hello.ciphers == std::vector<std::uint16_t>{0x1301, 0xc02b}));
    BOOST_TEST((hello.extensions == std::vector<std::uint16_t>{0, 10, 13, 16, 43}));
    BOOST_TEST((hello.groups == std::vector<std::uint16_t>{0x0a0a, 29, 23}));
    BOOST_TEST((hello.signature_algorithms == std::vector<std::uint16_t>{0x0403, 0x0804}));
    BOOST_TEST(hello.ja4.substr(0, 11) == "t13d0205h2_");
}

BOOST_AUTO_TEST_CASE(every_shorter_beginning_is_incomplete_whatever_the_records) {
    Parts parts;
    parts.extensions = {server_name("gate.example")};
    for (const std::size_t fragment : {1U, 3U, 7U, 50U, 16384U}) {
        const Bytes wire = records_of(body_of(parts), fragment);
        for (std::size_t size = 0; size < wire.size(); ++size)
            BOOST_REQUIRE(
                (read_client_hello(ByteView(wire).first(size)).status == HelloStatus::incomplete));
        BOOST_TEST((read_client_hello(wire).status == HelloStatus::complete));
    }
}

BOOST_AUTO_TEST_CASE(what_follows_the_hello_does_not_matter) {
    Bytes wire = records_of(body_of({}));
    wire.insert(wire.end(), {20, 3, 3, 0, 1, 1});
    BOOST_TEST((read_client_hello(wire).status == HelloStatus::complete));
}

BOOST_AUTO_TEST_CASE(a_hello_without_extensions_is_legal) {
    Parts parts;
    parts.without_extensions = true;
    const auto result = read_client_hello(records_of(body_of(parts)));
    BOOST_REQUIRE((result.status == HelloStatus::complete));
    BOOST_TEST((result.hello.versions == std::vector<std::uint16_t>{0x0303}));
    BOOST_TEST(result.hello.sni.empty());
}

BOOST_AUTO_TEST_CASE(other_protocols_are_known_from_their_first_bytes) {
    for (const std::string_view text : {"G", "GET / HTTP/1.1", "SSH-2.0-x", "PROXY TCP4 "})
        BOOST_TEST((read_client_hello(as_bytes(text)).status == HelloStatus::not_tls));
    const std::uint8_t sslv2[] = {0x80, 0x2e, 1, 3, 3};
    BOOST_TEST((read_client_hello(sslv2).status == HelloStatus::not_tls));
    const std::uint8_t version[] = {22, 2};
    BOOST_TEST((read_client_hello(version).status == HelloStatus::not_tls));
    const std::uint8_t alert[] = {21, 3, 1, 0, 2, 2, 40};
    BOOST_TEST((read_client_hello(alert).status == HelloStatus::not_tls));
}

BOOST_AUTO_TEST_CASE(records_that_cannot_be_are_malformed) {
    const std::uint8_t empty[] = {22, 3, 1, 0, 0};
    BOOST_TEST((read_client_hello(empty).status == HelloStatus::malformed));
    const std::uint8_t long_record[] = {22, 3, 1, 0x40, 1};
    BOOST_TEST((read_client_hello(long_record).status == HelloStatus::malformed));
    const std::uint8_t other_message[] = {22, 3, 1, 0, 4, 2};
    BOOST_TEST((read_client_hello(other_message).status == HelloStatus::malformed));
    Bytes interleaved = records_of(body_of({}), 10);
    interleaved[15] = 23;  // the second record's type
    BOOST_TEST((read_client_hello(interleaved).status == HelloStatus::malformed));
}

BOOST_AUTO_TEST_CASE(both_bounds_are_kept) {
    const std::uint8_t announced[] = {22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfd};
    BOOST_TEST((read_client_hello(announced).status == HelloStatus::too_large));
    Parts parts;
    parts.extensions = {extension(21, Bytes(8000, 0))};
    BOOST_TEST((read_client_hello(records_of(body_of(parts))).status == HelloStatus::complete));
    BOOST_TEST((read_client_hello(records_of(body_of(parts), 1)).status == HelloStatus::too_large));
}

BOOST_AUTO_TEST_CASE(an_extension_that_is_there_twice_is_refused) {
    Parts parts;
    parts.extensions = {extension(23, {}), extension(23, {})};
    BOOST_TEST((parse_client_hello(body_of(parts)).status == HelloStatus::malformed));
}

BOOST_AUTO_TEST_CASE(lists_have_to_fill_their_place) {
    Bytes trailing = body_of({});
    trailing.push_back(0);
    BOOST_TEST((parse_client_hello(trailing).status == HelloStatus::malformed));
    for (const Bytes& data : {Bytes{}, Bytes{0, 0}, Bytes{0, 3, 0, 29, 0}, Bytes{0, 2, 0, 29, 0}}) {
        Parts parts;
        parts.extensions = {extension(10, data)};
        BOOST_TEST((parse_client_hello(body_of(parts)).status == HelloStatus::malformed));
    }
    Parts no_ciphers;
    no_ciphers.ciphers = {};
    BOOST_TEST((parse_client_hello(body_of(no_ciphers)).status == HelloStatus::malformed));
}

BOOST_AUTO_TEST_CASE(server_names_have_to_be_dns_names) {
    BOOST_TEST(with_name("A_b-1.Example").hello.sni == "a_b-1.example");
    BOOST_TEST(with_name("localhost").hello.sni == "localhost");
    for (const std::string_view name :
         {"", ".", "a..b", ".a", "a.", "127.0.0.1", "::1", "a b", "a/b", "\xc3\xa4.example"})
        BOOST_TEST((with_name(name).status == HelloStatus::malformed), "\"" << name << "\"");
    BOOST_TEST((with_name(std::string_view("a\0b", 3)).status == HelloStatus::malformed));
    BOOST_TEST((with_name(std::string(64, 'a')).status == HelloStatus::malformed));
    std::string name;
    for (int i = 0; i < 128; ++i) name += "a.";
    BOOST_TEST((with_name(name + "b").status == HelloStatus::malformed));           // 257
    BOOST_TEST((with_name(name.substr(2) + "b").status == HelloStatus::complete));  // 255
}

BOOST_AUTO_TEST_SUITE_END()
