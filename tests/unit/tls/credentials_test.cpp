#include "core/tls/credentials.h"

#include <boost/test/unit_test.hpp>

#include "tests/unit/tls/test_pki.h"

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test;

namespace {

struct Files {
    Files() : authority(issue_authority("ca")) {
        Wanted wanted;
        wanted.dns = {"Gate.example", "*.wild.example"};
        wanted.issuer = &authority;
        server = issue(wanted);
        config.certificate = folder.write("gate.crt", server.pem() + authority.pem());
        config.private_key = folder.write("gate.key", server.key_pem());
    }
    [[nodiscard]] std::string error() const {
        const auto loaded = load_credentials(config);
        return loaded.ok() ? "" : loaded.error().message;
    }

    TemporaryFolder folder;
    Issued authority;
    Issued server;
    config::Certificate config;
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(credentials)

BOOST_AUTO_TEST_CASE(chain_and_key_are_loaded_with_the_names_in_them) {
    Files files;
    const auto loaded = load_credentials(files.config);
    BOOST_REQUIRE(loaded.ok());
    BOOST_TEST(loaded.value().chain->size() == 2U);
    BOOST_TEST((loaded.value().server_names ==
                std::vector<std::string>{"gate.example", "*.wild.example"}));
}

BOOST_AUTO_TEST_CASE(wildcard_stands_for_exactly_one_label) {
    Files files;
    const auto loaded = load_credentials(files.config);
    BOOST_REQUIRE(loaded.ok());
    BOOST_TEST(loaded.value().serves("gate.example"));
    BOOST_TEST(loaded.value().serves("a.wild.example"));
    BOOST_TEST(!loaded.value().serves("a.b.wild.example"));
    BOOST_TEST(!loaded.value().serves("wild.example"));
    BOOST_TEST(!loaded.value().serves(".wild.example"));
    BOOST_TEST(!loaded.value().serves("example"));
}

BOOST_AUTO_TEST_CASE(encrypted_key_needs_its_password) {
    Files files;
    files.config.private_key =
        files.folder.write("secret.key", files.server.encrypted_key_pem("correct horse"));
    BOOST_TEST(contains(files.error(), "secret.key: it is encrypted and no password_file is set"));
    files.config.password_file = files.folder.write("password", "wrong\n");
    BOOST_TEST(contains(files.error(), "secret.key: wrong password"));
    files.config.password_file = files.folder.write("password", "correct horse\nanother line\n");
    BOOST_TEST(files.error() == "");
    files.config.password_file = files.folder.write("password", "correct horse");
    BOOST_TEST(files.error() == "");
}

BOOST_AUTO_TEST_CASE(pkcs12_file_holds_everything) {
    Files files;
    const Bytes p12 = pkcs12_of(files.server, files.authority, "secret");
    files.config.certificate = files.folder.write("gate.p12", as_text(p12));
    files.config.private_key = "";
    BOOST_TEST(contains(files.error(), "gate.p12: it is encrypted and no password_file is set"));
    files.config.password_file = files.folder.write("password", "wrong\n");
    BOOST_TEST(contains(files.error(), "gate.p12: wrong password"));
    files.config.password_file = files.folder.write("password", "secret\n");
    BOOST_TEST(files.error() == "");
    const auto loaded = load_credentials(files.config);
    BOOST_REQUIRE(loaded.ok());
    BOOST_TEST((loaded.value().chain->leaf().der == files.server.der));
    files.config.certificate = files.folder.write("bad.p12", "hello");
    BOOST_TEST(contains(files.error(), "bad.p12: it is not a PKCS#12 file"));
}

BOOST_AUTO_TEST_CASE(each_mistake_is_named_with_its_file) {
    Files files;
    const auto good = files.config;
    files.config.private_key = files.folder.write("other.key", issue({}).key_pem());
    BOOST_TEST(contains(files.error(), "other.key: the key does not match the certificate in "));
    files.config.private_key = files.folder.write("no.key", "hello");
    BOOST_TEST(contains(files.error(), "no.key: there is no private key in it"));
    files.config.private_key = good.private_key + ".missing";
    BOOST_TEST(contains(files.error(), "gate.key.missing"));
    files.config = good;
    files.config.certificate = files.folder.write("no.crt", "hello");
    BOOST_TEST(contains(files.error(), "no.crt: no certificate in it"));
    files.config.certificate = good.certificate + ".missing";
    BOOST_TEST(contains(files.error(), "gate.crt.missing"));
    files.config.certificate = files.folder.write(
        "unsorted.crt", files.server.pem() + issue({}).pem() + files.authority.pem());
    BOOST_TEST(contains(files.error(), "unsorted.crt: the chain is out of order"));
}

BOOST_AUTO_TEST_SUITE_END()
