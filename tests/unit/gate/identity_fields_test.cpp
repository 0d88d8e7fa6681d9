#include "core/gate/identity_fields.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {
namespace {

tls::Certificate certificate(std::string_view der) {
    tls::Certificate made;
    made.der.assign(der.begin(), der.end());
    return made;
}

tls::ChainRef chain_of(std::vector<tls::Certificate> certificates) {
    return tls::Chain::from_certificates(std::move(certificates));
}

config::Route route(bool client_cert, bool x_client) {
    config::Route made;
    made.client_cert_headers = client_cert;
    made.x_client_headers = x_client;
    return made;
}

const tls::Identity kIdentity{"uri:spiffe://example/a", "00ff"};

std::string all_of(const net::HttpHeaders& fields) {
    std::string text;
    for (const net::HttpHeader field : fields.all()) {
        text.append(field.name).append(": ").append(field.value).append("\n");
    }
    return text;
}

std::size_t count(const net::HttpHeaders& fields, std::string_view name) {
    std::size_t found = 0;
    for (const net::HttpHeader field : fields.all())
        found += net::equal_ignoring_case(field.name, name);
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(identity_fields)

BOOST_AUTO_TEST_CASE(nothing_is_said_of_a_client_without_a_certificate_or_where_nobody_asked) {
    net::HttpHeaders fields;
    BOOST_TEST(add_identity_fields(route(true, true), {}, {}, fields).ok());
    BOOST_TEST(add_identity_fields(route(true, true), tls::Chain::empty(), {}, fields).ok());
    BOOST_TEST(
        add_identity_fields(route(false, false), chain_of({certificate("a")}), kIdentity, fields)
            .ok());
    BOOST_TEST(all_of(fields) == "");
}

BOOST_AUTO_TEST_CASE(client_cert_is_a_byte_sequence_and_the_chain_leaves_its_anchor_out) {
    net::HttpHeaders fields;
    const auto chain = chain_of(
        {certificate("leaf"), certificate("one"), certificate("two"), certificate("anchor")});
    BOOST_TEST(add_identity_fields(route(true, false), chain, kIdentity, fields).ok());
    BOOST_TEST(all_of(fields) == "Client-Cert: :bGVhZg==:\nClient-Cert-Chain: :b25l:, :dHdv:\n");
    net::HttpHeaders without;
    BOOST_TEST(add_identity_fields(route(true, false),
                                   chain_of({certificate("leaf"), certificate("anchor")}),
                                   kIdentity, without)
                   .ok());
    BOOST_TEST(all_of(without) == "Client-Cert: :bGVhZg==:\n");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_but_for_the_chain_which_is_left_out) {
    const std::string large(kMaxIdentityField, 'x');
    net::HttpHeaders fields;
    BOOST_TEST(
        !add_identity_fields(route(true, false), chain_of({certificate(large)}), kIdentity, fields)
             .ok());
    BOOST_TEST(add_identity_fields(
                   route(true, false),
                   chain_of({certificate("leaf"), certificate(large), certificate("anchor")}),
                   kIdentity, fields)
                   .ok());
    BOOST_TEST(all_of(fields) == "Client-Cert: :bGVhZg==:\n");
    tls::Certificate leaf = certificate("leaf");
    leaf.subject_text = std::string(kMaxIdentityField / 3 + 1, '\xc3');
    BOOST_TEST(
        !add_identity_fields(route(false, true), chain_of({std::move(leaf)}), kIdentity, fields)
             .ok());
}

BOOST_AUTO_TEST_CASE(all_fields_together_are_bounded_and_the_chain_gives_way_first) {
    tls::Certificate leaf = certificate(std::string(4000, 'l'));  // 5,336 in base64
    leaf.subject_text = std::string(4000, 's');
    const auto chain = chain_of({leaf, certificate(std::string(4000, 'i')), certificate("anchor")});
    net::HttpHeaders fields;
    BOOST_TEST(add_identity_fields(route(true, true), chain, kIdentity, fields).ok());
    BOOST_TEST(count(fields, "X-Client-Subject") == 1U);
    BOOST_TEST(count(fields, "Client-Cert-Chain") == 0U);
    net::HttpHeaders short_ones;
    BOOST_TEST(add_identity_fields(route(true, false), chain, kIdentity, short_ones).ok());
    BOOST_TEST(count(short_ones, "Client-Cert-Chain") == 1U);
    leaf.san_uri = {std::string(4000, 'u')};
    net::HttpHeaders none;
    BOOST_TEST(!add_identity_fields(route(true, true), chain_of({leaf}), kIdentity, none).ok());
}

BOOST_AUTO_TEST_CASE(text_fields_are_printable_ascii_whatever_the_certificate_says) {
    tls::Certificate leaf = certificate("leaf");
    leaf.subject_text = "CN=J\xc3\xbcrg\r\nX-Client-Identity: admin,O=100%";
    leaf.san_uri = {"spiffe://example/a, DNS:admin.example"};
    leaf.san_dns = {"a.example", std::string("b\0c", 3)};
    leaf.san_email = {"a@example"};
    leaf.san_ip = {{192, 0, 2, 1}, Bytes(16, 0), {1, 2}};
    net::HttpHeaders fields;
    BOOST_TEST(add_identity_fields(route(false, true), chain_of({leaf}), kIdentity, fields).ok());
    BOOST_TEST(all_of(fields) ==
               "X-Client-Identity: uri:spiffe://example/a\n"
               "X-Client-Anchor: 00ff\n"
               "X-Client-Subject: CN=J%C3%BCrg%0D%0AX-Client-Identity: admin,O=100%25\n"
               "X-Client-SAN: URI:spiffe://example/a%2C%20DNS:admin.example, DNS:a.example, "
               "DNS:b%00c, email:a@example, IP:192.0.2.1, IP:::, IP:0102\n"
               "X-Client-Fingerprint: " +
                   std::string(64, '0') + "\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
