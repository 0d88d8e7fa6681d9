#include "core/gate/token_binding.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {
namespace {

// The example of RFC 8705 section 3.1: a certificate's thumbprint as octets and as text.
constexpr std::string_view kThumbprint = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";

Digest256 certificate() {
    const auto octets =
        from_hex("6f070ad1eb1cdc0082dc3076639fe5112b1713ca3d96d734e4ef3d8dd37e760d").value();
    Digest256 digest{};
    std::copy(octets.begin(), octets.end(), digest.begin());
    return digest;
}

std::string base64url(std::string_view text) {
    std::string encoded = to_base64(as_bytes(text));
    while (encoded.ends_with('=')) encoded.pop_back();
    for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return encoded;
}

std::string bearer(std::string_view claims) {
    return "Bearer " + base64url(R"({"alg":"ES256"})") + "." + base64url(claims) + ".c2ln";
}

std::string bound_to(std::string_view thumbprint) {
    return R"({"sub":"x","cnf":{"x5t#S256":")" + std::string(thumbprint) + R"("}})";
}

std::string fault(std::string_view authorization) {
    const Digest256 digest = certificate();
    const auto checked = check_token_binding(authorization, &digest);
    return checked ? std::string() : checked.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(token_binding)

BOOST_AUTO_TEST_CASE(a_token_bound_to_the_certificate_passes) {
    // The last of 43 characters carries two bits of nothing: only one text stands for the digest.
    const std::string canonical = base64url(as_text(certificate()));
    BOOST_TEST(canonical.substr(0, 42) == kThumbprint.substr(0, 42));
    BOOST_TEST(fault(bearer(bound_to(canonical))) == "");
    BOOST_TEST(fault("bEaReR   " + bearer(bound_to(canonical)).substr(7)) == "");
    BOOST_TEST(fault(bearer(R"({"exp":18446744073709551616,"cnf":{"x5t#S256":")" + canonical +
                            R"(","jkt":1}})")) == "");
}

BOOST_AUTO_TEST_CASE(any_other_token_is_refused) {
    const std::string good = base64url(as_text(certificate()));
    std::string other = good;
    other[0] = other[0] == 'A' ? 'B' : 'A';
    for (const std::string& claims : {
             bound_to(other),
             bound_to(good + "="),
             bound_to(good.substr(1)),
             bound_to(good.substr(0, 42) +
                      (good[42] == '0' ? '1' : static_cast<char>(good[42] + 1))),
             bound_to(""),
             std::string(R"({"sub":"x"})"),
             std::string(R"({"cnf":{}})"),
             std::string(R"({"cnf":{"jkt":"x"}})"),
             std::string(R"({"cnf":null})"),
             std::string(R"({"cnf":{"x5t#S256":7}})"),
             R"({"cnf":{"x5t#S256":")" + good + R"(","x5t#S256":")" + good + R"("}})",
             R"({"cnf":{},"cnf":{"x5t#S256":")" + good + R"("}})",
             R"({"CNF":{},"cnf":{"x5t#S256":")" + good + R"("}})",
             R"([{"cnf":{"x5t#S256":")" + good + R"("}}])",
             bound_to(good) + "}",
             std::string("{"),
             std::string(),
             std::string(1000, '['),
         }) {
        BOOST_TEST(fault(bearer(claims)) != "", claims);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_signed_jwt_is_refused) {
    const std::string good = bearer(bound_to(base64url(as_text(certificate()))));
    for (const std::string& authorization :
         {std::string(), std::string("Bearer"), std::string("Bearer "), "Bearer\t" + good.substr(7),
          "DPoP " + good.substr(7), "Basic " + good.substr(7), std::string("Bearer opaque"),
          good.substr(0, good.rfind('.') + 1), "Bearer " + good.substr(good.find('.')),
          good + ".x.y", good.substr(0, good.rfind('.')), good + "=", good + " ", good + "\n",
          good + ", " + good, "Bearer " + std::string(kMaxToken + 1, 'a')}) {
        BOOST_TEST(fault(authorization) != "", authorization);
    }
}

BOOST_AUTO_TEST_CASE(a_token_without_a_certificate_is_refused) {
    const std::string good = bearer(bound_to(base64url(as_text(certificate()))));
    BOOST_TEST(!check_token_binding(good, nullptr).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
