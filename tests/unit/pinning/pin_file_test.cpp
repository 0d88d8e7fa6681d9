#include "plugins/pinning/pin_file.h"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "tests/unit/pinning/pinning_fixture.h"

using namespace postern;
using namespace postern::fake;
using pinning::Content;
using pinning::Match;
using pinning::PinSet;

namespace {

constexpr const char* kPin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

struct Files {
    Files() { host.provide(POSTERN_SERVICE_X509, x509_service()); }

    PinSet read(const std::string& path, Content content = Content::certificates_or_pins,
                Match match = Match::public_key) const {
        PinSet out =
            pinning::read_pin_file(sdk::X509(sdk::Host(host.handle())), path, match, content);
        out.seal();
        return out;
    }
    // Why it cannot be read, without the folder's name.
    std::string fault(const std::string& name, Content content = Content::certificates_or_pins) {
        try {
            static_cast<void>(read(directory.file(name), content));
            return "";
        } catch (const sdk::Error& error) {
            return std::string(error.what()).substr(directory.path().size() + 1);
        }
    }

    TemporaryDirectory directory;
    FakeHost host;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pin_file, Files)

BOOST_AUTO_TEST_CASE(pem_holds_any_number_of_certificates_and_der_one) {
    const tls::test::Issued one = tls::test::issue({});
    const tls::test::Issued two = tls::test::issue({});
    const PinSet pem = read(directory.write("two.pem", "# mine\n" + one.pem() + two.pem()));
    BOOST_CHECK_EQUAL(pem.size(), 2u);
    BOOST_CHECK(pem.uses(pinning::Subject::key, POSTERN_DIGEST_SHA256));
    const PinSet der = read(directory.write("one.cer", as_text(one.der)), Content::certificates,
                            Match::certificate);
    BOOST_CHECK(der.standing(pinning::Subject::certificate, POSTERN_DIGEST_SHA256,
                             sdk::Bytes(tls::test::chain_of({&one})->leaf().sha256), "",
                             0) == pinning::Standing::held);
}

BOOST_AUTO_TEST_CASE(text_holds_pins_and_comments) {
    const PinSet pins = read(
        directory.write("pins", "# held since May\r\n\n  " + std::string(kPin) + " # alice\r\n"));
    BOOST_CHECK_EQUAL(pins.size(), 1u);
    BOOST_CHECK(!pins.uses(pinning::Subject::certificate, POSTERN_DIGEST_SHA256));
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_pin_is_named) {
    directory.write("pins", std::string(kPin) + "\n\nsha256/short\n");
    BOOST_CHECK_EQUAL(fault("pins").find("pins:3: \"sha256/short\" is no pin"), 0u);
}

BOOST_AUTO_TEST_CASE(pins_are_refused_where_only_certificates_may_stand) {
    directory.write("pins", kPin);
    BOOST_CHECK_EQUAL(fault("pins", Content::certificates),
                      "pins: is no certificate in PEM or DER");
}

BOOST_AUTO_TEST_CASE(the_pin_of_a_key_is_refused_where_certificates_must_match) {
    const std::string keys = directory.write("keys", kPin);
    const std::string whole = directory.write("whole", "cert-" + std::string(kPin));
    const auto exact = [this](const std::string& path) {
        return read(path, Content::certificates_or_pins, Match::certificate);
    };
    BOOST_CHECK_THROW(static_cast<void>(exact(keys)), sdk::Error);
    BOOST_CHECK_EQUAL(exact(whole).size(), 1u);
}

BOOST_AUTO_TEST_CASE(what_is_no_small_regular_file_is_refused) {
    BOOST_CHECK_EQUAL(fault("absent"), "absent: there is no such file");
    directory.write("empty", "");
    BOOST_CHECK_EQUAL(fault("empty"), "empty: is empty");
    directory.write("large", std::string(1024 * 1024 + 1, '#'));
    BOOST_CHECK_EQUAL(fault("large"), "large: is longer than 1 MiB");
    BOOST_REQUIRE_EQUAL(::mkfifo(directory.file("fifo").c_str(), 0600), 0);
    BOOST_CHECK_EQUAL(fault("fifo"), "fifo: is not a regular file");
}

BOOST_AUTO_TEST_CASE(a_certificate_cut_short_is_refused) {
    const std::string pem = tls::test::issue({}).pem();
    directory.write("cut", pem.substr(0, pem.size() / 2));
    BOOST_CHECK_EQUAL(fault("cut"), "cut: is no certificate in PEM or DER");
}

BOOST_AUTO_TEST_SUITE_END()
