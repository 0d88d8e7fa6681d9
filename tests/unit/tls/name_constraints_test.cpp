#include "core/tls/name_constraints.h"

#include <chrono>

#include <boost/test/unit_test.hpp>

#include "core/tls/general_subtree.h"
#include "core/tls/verify.h"
#include "postern/call.h"
#include "tests/unit/tls/test_pki.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

Bytes tlv(std::uint8_t tag, const Bytes& content) {
    Bytes out{tag};
    if (content.size() >= 0x80) {
        out.push_back(0x83);
        out.push_back(static_cast<std::uint8_t>(content.size() >> 16));
        out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
        while (out[2] == 0 && out.size() > 3) {
            out.erase(out.begin() + 2);
            --out[1];
        }
    }
    out.push_back(static_cast<std::uint8_t>(content.size()));
    if (content.size() >= 0x80 && out[1] == 0x82 && out[2] == 0) {
        out = {tag, 0x81, static_cast<std::uint8_t>(content.size())};
    }
    out.insert(out.end(), content.begin(), content.end());
    return out;
}

Bytes join(const std::vector<Bytes>& parts) {
    Bytes out;
    for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

Bytes text(std::string_view value) {
    const ByteView bytes = as_bytes(value);
    return {bytes.begin(), bytes.end()};
}

constexpr std::uint8_t kEmail = 0x81;
constexpr std::uint8_t kDns = 0x82;
constexpr std::uint8_t kUri = 0x86;
constexpr std::uint8_t kIp = 0x87;
constexpr std::uint8_t kDirectory = 0xa4;

Bytes subtree(std::uint8_t tag, const Bytes& base) {
    return tlv(0x30, tlv(tag, base));
}

enum class List : std::uint8_t { permitted = 0xa0, excluded = 0xa1 };

Bytes constraints(List list, const std::vector<Bytes>& subtrees) {
    return tlv(0x30, tlv(static_cast<std::uint8_t>(list), join(subtrees)));
}

bool is_sound(const Bytes& value) {
    return read_name_constraints(value).has_value();
}

bool is_sound(std::uint8_t tag, const Bytes& base) {
    return is_sound(constraints(List::excluded, {subtree(tag, base)}));
}

// A leaf under an authority with these constraints, through the whole verification.
struct Constrained {
    Constrained() : root(issue_authority("root")) {}

    std::uint32_t verify(const Bytes& value, Wanted leaf) {
        Wanted wanted;
        wanted.common_name = "constrained";
        wanted.ca = true;
        wanted.issuer = &root;
        wanted.extensions = {{"2.5.29.30", value, true}};
        const Issued authority = issue(wanted);
        leaf.issuer = &authority;
        const Issued issued = issue(leaf);
        const auto anchors = *TrustAnchors::of(*chain_of({&root}));
        const ChainRef presented = chain_of({&issued, &authority});
        const auto begin = std::chrono::steady_clock::now();
        const Verification result =
            anchors->verify(presented, Purpose::client_authentication, kNow);
        took = std::chrono::steady_clock::now() - begin;
        detail = result.detail;
        return result.flags;
    }

    Issued root;
    std::string detail;
    std::chrono::steady_clock::duration took{};  // the verification alone
};

Wanted named(std::vector<std::string> dns, std::vector<std::string> uri = {},
             std::vector<std::string> email = {}, std::vector<std::string> ip = {}) {
    Wanted wanted;
    wanted.common_name = "";
    wanted.dns = std::move(dns);
    wanted.uri = std::move(uri);
    wanted.email = std::move(email);
    wanted.ip = std::move(ip);
    return wanted;
}

constexpr std::uint32_t kRefused = POSTERN_VERIFY_NAME_CONSTRAINT;

}  // namespace

BOOST_AUTO_TEST_SUITE(name_constraints)

BOOST_AUTO_TEST_CASE(a_dns_name_lies_below_its_own_labels_alone) {
    BOOST_TEST((dns_within("a.example", "example") == Within::yes));
    BOOST_TEST((dns_within("EXAMPLE", "example") == Within::yes));
    BOOST_TEST((dns_within("anexample", "example") == Within::no));
    BOOST_TEST((dns_within("example", "a.example") == Within::no));
    BOOST_TEST((dns_within("anything.at.all", "") == Within::yes));
    for (const char* odd : {"", ".example", "a..example", "a.*.example", "*", "192.0.2.1"})
        BOOST_TEST((dns_within(odd, "example") == Within::unclear), odd);
    BOOST_TEST((dns_within(std::string("a.exa\0mple", 10), "example") == Within::unclear));
    BOOST_TEST((dns_within("b\xc3\xbc.example", "example") == Within::unclear));
}

BOOST_AUTO_TEST_CASE(a_wildcard_touches_what_it_can_stand_for) {
    BOOST_TEST((dns_within("*.example.com", "example.com") == Within::yes));
    BOOST_TEST((dns_within("*.example.com", "a.example.com") == Within::no));
    BOOST_TEST((dns_touches("*.example.com", "a.example.com") == Within::yes));
    BOOST_TEST((dns_touches("*.example.com", "b.a.example.com") == Within::no));
    BOOST_TEST((dns_touches("*.example.com", "com") == Within::yes));
    BOOST_TEST((dns_touches("*.example.com", "other.com") == Within::no));
}

BOOST_AUTO_TEST_CASE(mailboxes_compare_as_4_2_1_10_says) {
    BOOST_TEST((mailbox_within("a@example.com", "example.com") == Within::yes));
    BOOST_TEST((mailbox_within("a@EXAMPLE.com", "example.com") == Within::yes));
    BOOST_TEST((mailbox_within("a@b.example.com", "example.com") == Within::no));
    BOOST_TEST((mailbox_within("a@b.example.com", ".example.com") == Within::yes));
    BOOST_TEST((mailbox_within("a@example.com", ".example.com") == Within::no));
    BOOST_TEST((mailbox_within("a@example.com", "a@example.com") == Within::yes));
    BOOST_TEST((mailbox_within("A@example.com", "a@example.com") == Within::no));
    for (const char* odd : {"example.com", "@example.com", "a@", "a@192.0.2.1"})
        BOOST_TEST((mailbox_within(odd, "example.com") == Within::unclear), odd);
}

BOOST_AUTO_TEST_CASE(uris_compare_by_their_host) {
    BOOST_TEST((uri_within("spiffe://corp.example/a", "corp.example") == Within::yes));
    BOOST_TEST((uri_within("https://user@corp.example:8443/?x", "corp.example") == Within::yes));
    BOOST_TEST((uri_within("spiffe://corp.example@evil.example/", "corp.example") == Within::no));
    BOOST_TEST((uri_within("spiffe://a.corp.example/", "corp.example") == Within::no));
    BOOST_TEST((uri_within("spiffe://a.corp.example/", ".corp.example") == Within::yes));
    for (const char* odd :
         {"urn:corp.example", "https://192.0.2.1/", "https://[::1]/", "https:///"})
        BOOST_TEST((uri_within(odd, "corp.example") == Within::unclear), odd);
}

BOOST_AUTO_TEST_CASE(addresses_compare_by_their_network) {
    const Bytes net{192, 0, 2, 0, 255, 255, 255, 0};
    BOOST_TEST((address_within(Bytes{192, 0, 2, 9}, net) == Within::yes));
    BOOST_TEST((address_within(Bytes{192, 0, 3, 9}, net) == Within::no));
    BOOST_TEST((address_within(Bytes(16, 0), net) == Within::no));
    BOOST_TEST((address_within(Bytes{192, 0, 2}, net) == Within::unclear));
    BOOST_TEST((address_within(net, net) == Within::unclear));
}

BOOST_AUTO_TEST_CASE(names_of_directories_compare_without_case_and_by_their_beginning) {
    const auto rdn = [](std::uint8_t type, const char* value) {
        return tlv(0x31, tlv(0x30, join({{0x06, 0x03, 0x55, 0x04, 0x03}, tlv(type, text(value))})));
    };
    const Bytes a = rdn(0x0c, "A  b");
    BOOST_TEST((directory_name_within(a, rdn(0x13, " a B ")) == Within::yes));
    BOOST_TEST((directory_name_within(a, rdn(0x13, "c")) == Within::no));
    BOOST_TEST((directory_name_within(join({a, rdn(0x13, "x")}), a) == Within::yes));
    BOOST_TEST((directory_name_within(a, join({a, a})) == Within::no));
    BOOST_TEST((directory_name_within(a, {}) == Within::yes));
    BOOST_TEST((directory_name_within(a, rdn(0x1e, "A")) == Within::unclear));  // BMPString
    BOOST_TEST(
        (directory_name_within(rdn(0x0c, "\xc3\xa4"), rdn(0x0c, "\xc3\x84")) == Within::unclear));
}

BOOST_AUTO_TEST_CASE(malformed_constraints_are_none) {
    BOOST_TEST(!is_sound(Bytes{}));
    BOOST_TEST(!is_sound(tlv(0x30, {})));
    BOOST_TEST(!is_sound(tlv(0x30, tlv(0xa0, {}))));
    BOOST_TEST(!is_sound(tlv(0x30, join({{0x05, 0x00}, {0x05, 0x00}}))));
    for (const char* odd : {".example", "*.example", "a..b", "a b"})
        BOOST_TEST(!is_sound(kDns, text(odd)), odd);
    for (const char* odd : {"@example", "a@", "a@b@c.example", "*.example"})
        BOOST_TEST(!is_sound(kEmail, text(odd)), odd);
    for (const char* odd : {"https://example", "*.example", "example:1"})
        BOOST_TEST(!is_sound(kUri, text(odd)), odd);
    BOOST_TEST(!is_sound(kIp, Bytes{192, 0, 2, 0}));
    BOOST_TEST(!is_sound(kIp, Bytes{192, 0, 2, 0, 255, 0, 255, 0}));
    BOOST_TEST(is_sound(kIp, Bytes{192, 0, 2, 0, 255, 255, 254, 0}));
    const auto with_minimum = [](std::uint8_t minimum) {
        return constraints(List::permitted,
                           {tlv(0x30, join({tlv(kDns, text("a")), tlv(0x80, {minimum})}))});
    };
    BOOST_TEST(is_sound(with_minimum(0)));
    BOOST_TEST(!is_sound(with_minimum(1)));
}

BOOST_AUTO_TEST_CASE(every_kind_of_name_is_held_to_its_constraints) {
    Constrained test;
    const Bytes dns = constraints(List::permitted, {subtree(kDns, text("in.example"))});
    BOOST_TEST(test.verify(dns, named({"a.in.example"})) == 0u);
    BOOST_TEST(test.verify(dns, named({"a.in.example", "out.example"})) == kRefused);
    BOOST_TEST(test.verify(dns, named({}, {"spiffe://out.example/a"})) == 0u);

    const Bytes uri = constraints(List::permitted, {subtree(kUri, text("in.example"))});
    BOOST_TEST(test.verify(uri, named({}, {"spiffe://in.example/a"})) == 0u);
    BOOST_TEST(test.verify(uri, named({}, {"spiffe://out.example/a"})) == kRefused);
    BOOST_TEST(test.detail ==
               "\"CN=constrained\" may issue for other names only than the URI "
               "\"spiffe://out.example/a\"");
    BOOST_TEST(test.verify(uri, named({}, {"urn:in.example"})) == kRefused);

    const Bytes email = constraints(List::excluded, {subtree(kEmail, text("out.example"))});
    BOOST_TEST(test.verify(email, named({}, {}, {"a@in.example"})) == 0u);
    BOOST_TEST((test.verify(email, named({}, {}, {"a@out.example"})) & kRefused) != 0u);

    const Bytes ip = constraints(List::permitted, {subtree(kIp, Bytes{10, 0, 0, 0, 255, 0, 0, 0})});
    const std::string inside{10, 0, 0, 1};
    const std::string outside{11, 0, 0, 1};
    BOOST_TEST(test.verify(ip, named({"a.example"}, {}, {}, {inside})) == 0u);
    BOOST_TEST((test.verify(ip, named({"a.example"}, {}, {}, {outside})) & kRefused) != 0u);

    const Bytes other_subject = constraints(
        List::permitted,
        {subtree(kDirectory, tlv(0x30, tlv(0x31, tlv(0x30, join({{0x06, 0x03, 0x55, 0x04, 0x03},
                                                                 tlv(0x0c, text("x"))})))))});
    Wanted leaf = named({"a.example"});
    leaf.common_name = "y";
    BOOST_TEST((test.verify(other_subject, leaf) & kRefused) != 0u);
    leaf.common_name = "X";
    // GnuTLS compares the letters of directory names; ours does not. The stricter one counts.
    BOOST_TEST((test.verify(other_subject, leaf) & ~kRefused) == 0u);
}

BOOST_AUTO_TEST_CASE(a_wildcard_does_not_pass_by_an_excluded_name) {
    Constrained test;
    const Bytes excluded = constraints(List::excluded, {subtree(kDns, text("bar.example.com"))});
    BOOST_TEST(test.verify(excluded, named({"*.example.com"})) == kRefused);
    BOOST_TEST(test.verify(excluded, named({"foo.example.com"})) == 0u);
}

BOOST_AUTO_TEST_CASE(malformed_constraints_refuse_the_chain) {
    Constrained test;
    const Bytes value = constraints(List::excluded, {subtree(kDns, text("*.example.com"))});
    BOOST_TEST((test.verify(value, named({"a.other"})) & kRefused) != 0u);
}

// Bounded work for as many names and constraints as certificates can hold; the time is printed.
BOOST_AUTO_TEST_CASE(an_explosion_of_names_and_constraints_is_refused) {
    Constrained test;
    for (const std::size_t count : {std::size_t{1000}, kMaxSubtrees + 1}) {
        std::vector<Bytes> subtrees;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < count; ++i)
            subtrees.push_back(subtree(kDns, text("x" + std::to_string(i) + ".test")));
        for (std::size_t i = 0; i < 1000; ++i) names.push_back("t" + std::to_string(i) + ".test");
        BOOST_TEST((test.verify(constraints(List::excluded, subtrees), named(names)) & kRefused) !=
                   0u);
        BOOST_TEST(test.detail.find("more") != std::string::npos, test.detail);
        BOOST_TEST_MESSAGE(
            count << " constraints, 1000 names: "
                  << std::chrono::duration_cast<std::chrono::milliseconds>(test.took).count()
                  << " ms");
    }
}

BOOST_AUTO_TEST_SUITE_END()
