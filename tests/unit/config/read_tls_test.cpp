#include <boost/test/unit_test.hpp>

#include "core/config/readers.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

constexpr std::string_view kClientCa = "client_ca = [\"ca.crt\"]";
constexpr std::string_view kOwn = "certificate = \"server.crt\"\nprivate_key = \"server.key\"";

std::string with(std::string_view lines) {
    return smallest(kClientCa, std::string(kClientCa) + "\n" + std::string(lines));
}

std::string pinned(std::string_view mode) {
    return smallest(kClientCa, "trust = 'pin'") + "[[listener.pipeline]]\nplugin = 'pinning'\n" +
           "mode = '" + std::string(mode) + "'\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(read_tls_)

BOOST_AUTO_TEST_CASE(client_certificates_need_their_authorities) {
    for (const char* lines : {"", "client_ca = []", "client_certificate = 'optional'",
                              "client_certificate = 'require'"}) {
        const std::string errors = errors_of(smallest(kClientCa, lines));
        const bool at_the_key = has(errors, "tls.client_ca: is missing");
        BOOST_TEST((at_the_key || has(errors, "tls: client_ca is missing")), lines);
    }
    BOOST_TEST(errors_of(smallest(kClientCa, "client_certificate = 'none'")) == "");
    BOOST_TEST(errors_of(smallest(kClientCa, "client_ca = 'ca.crt'")) ==
               "6:1: listener[0].tls.client_ca: is a string; it has to be an array\n");
}

BOOST_AUTO_TEST_CASE(pins_may_stand_in_only_when_they_are_enforced) {
    BOOST_TEST(errors_of(pinned("enforce")) == "");
    BOOST_TEST(has(errors_of(pinned("observe")), "\"pin\" needs the plugin \"pinning\""));
    BOOST_TEST(has(errors_of(with("trust = 'pin'")), "\"pin\" needs the plugin \"pinning\""));
    const std::string chain =
        smallest(kClientCa, "trust = 'chain'") + "[[listener.pipeline]]\nplugin = 'pinning'\n";
    BOOST_TEST(has(errors_of(chain), "client_ca is missing"));
}

BOOST_AUTO_TEST_CASE(a_certificate_needs_its_key_unless_the_file_holds_both) {
    BOOST_TEST(has(errors_of(smallest("private_key = \"server.key\"", "")),
                   "tls: private_key is missing"));
    BOOST_TEST(has(errors_of(smallest("certificate = \"server.crt\"", "")),
                   "tls: certificate is missing"));
    for (const char* file : {"server.p12", "server.pfx"}) {
        const Loaded result = loaded(smallest(
            kOwn, "certificate = '" + std::string(file) + "'\npassword_file = 'password'"));
        BOOST_REQUIRE(result.configuration.has_value());
        const Certificate& certificate = result.configuration->listeners[0].tls.certificates.at(0);
        BOOST_TEST(certificate.private_key == "");
        BOOST_TEST(certificate.password_file == "/etc/postern/password");
    }
    BOOST_TEST(has(errors_of(smallest("server.crt", "server.p12")), "has no meaning with a .p12"));
}

BOOST_AUTO_TEST_CASE(several_certificates_are_told_apart_by_names) {
    const std::string more =
        "[[listener.tls.certificates]]\ncertificate = 'b.crt'\nprivate_key = 'b.key'\n"
        "server_names = ['b.example']\n";
    const Loaded both = loaded(with(more));
    BOOST_REQUIRE(both.configuration.has_value());
    const Tls& tls = both.configuration->listeners[0].tls;
    BOOST_REQUIRE(tls.certificates.size() == 2u);
    BOOST_TEST(tls.certificates[0].certificate == "/etc/postern/server.crt");
    BOOST_TEST(tls.certificates[1].server_names.at(0) == "b.example");
    const std::string only =
        smallest(kOwn, "").insert(smallest(kOwn, "").find("[[listener.route]]"), more);
    BOOST_REQUIRE(loaded(only).configuration.has_value());
    BOOST_TEST(loaded(only).configuration->listeners[0].tls.certificates.size() == 1u);
    BOOST_TEST(has(errors_of(smallest(kOwn, "certificates = []")), "certificates: is empty"));
    BOOST_TEST(has(errors_of(with("[[listener.tls.certificates]]\nserver_names = ['x']")),
                   "certificates[0]: certificate is missing"));
}

BOOST_AUTO_TEST_CASE(words_and_ranges_are_checked) {
    BOOST_TEST(
        has(errors_of(with("client_certificate = 'required'")), "did you mean \"require\"?"));
    BOOST_TEST(has(errors_of(with("policy = 'modern-2062'")), "did you mean \"modern-2026\"?"));
    BOOST_TEST(has(errors_of(with("trust = 'any'")), "is not one of \"chain\" or \"pin\""));
    BOOST_TEST(has(errors_of(with("ticket_lifetime = '0s'")), "is out of range"));
    BOOST_TEST(has(errors_of(with("ticket_lifetime = '8d'")), "is out of range"));
    BOOST_TEST(has(errors_of(with("session_tickets = 'yes'")), "has to be a boolean"));
}

BOOST_AUTO_TEST_CASE(hardware_keys_and_shared_ticket_keys_come_later) {
    BOOST_TEST(has(errors_of(smallest("server.key", "pkcs11:object=key")), "not supported yet"));
    BOOST_TEST(has(errors_of(smallest("server.crt", "pkcs11:object=crt")), "not supported yet"));
    BOOST_TEST(has(errors_of(with("ticket_key_file = 'x'")), "not supported yet"));
}

BOOST_AUTO_TEST_SUITE_END()
