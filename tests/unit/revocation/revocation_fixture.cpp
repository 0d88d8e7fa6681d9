#include "tests/unit/revocation/revocation_fixture.h"

#include <gnutls/crypto.h>
#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

namespace postern::revocation::test {
namespace {

std::filesystem::path make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "postern-crl-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    return pattern;
}

}  // namespace

RevocationFixture::Host::Host() {
    provide(POSTERN_SERVICE_CRYPTO, checking_crypto());
    provide(POSTERN_SERVICE_X509, fake::x509_service());
}

RevocationFixture::RevocationFixture()
    : directory(make_directory()), instance(host, postern_module_v1(POSTERN_ABI_VERSION)) {}

RevocationFixture::~RevocationFixture() {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
}

// By rename, as whoever replaces a CRL should.
void RevocationFixture::write(const std::string& name, const Der& bytes) const {
    const std::string temporary = path(name) + ".new";
    std::ofstream(temporary, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    std::filesystem::rename(temporary, path(name));
}

void RevocationFixture::write(const std::string& name, const std::string& contents) const {
    write(name, text(contents));
}

CrlWriter RevocationFixture::crl(const std::vector<Der>& serials) const {
    CrlWriter writer;
    for (const Der& serial : serials) {
        writer.entries = writer.entries + entry(serial, kNow - 1000, reason_extensions(1));
    }
    writer.sign = [this](const Der& tbs) { return key.sign(tbs); };
    return writer;
}

tls::Certificate RevocationFixture::certificate(const std::string& subject,
                                                const std::string& issuer,
                                                const Der& serial) const {
    tls::Certificate out;
    out.subject = name(subject);
    out.issuer = name(issuer);
    out.subject_text = "CN=" + subject;
    out.issuer_text = "CN=" + issuer;
    out.serial = serial;
    out.der = out.subject + out.serial;
    out.not_before = kNow - 3600;
    out.not_after = kNow + 3600;
    return out;
}

tls::Certificate RevocationFixture::authority(const std::string& subject,
                                              const SigningKey& its_key) const {
    tls::Certificate out = certificate(subject, "Root", {1});
    out.is_ca = 1;
    out.spki = its_key.spki();
    gnutls_hash_fast(GNUTLS_DIG_SHA256, out.spki.data(), out.spki.size(), out.spki_sha256.data());
    out.key_usage = POSTERN_KEY_USAGE_CERT_SIGN | POSTERN_KEY_USAGE_CRL_SIGN;
    return out;
}

tls::ChainRef RevocationFixture::chain(std::vector<tls::Certificate> certificates) {
    return tls::Chain::from_certificates(std::move(certificates));
}

tls::ChainRef RevocationFixture::leaf(const Der& serial) const {
    return chain({certificate("leaf", "Test CA", serial), authority()});
}

void RevocationFixture::start(Entries table) {
    BOOST_TEST_REQUIRE(instance.configure(fake::FakeNode::table(std::move(table))) == POSTERN_OK);
    const postern_rc rc = instance.start();
    BOOST_TEST_REQUIRE(rc == POSTERN_OK, (host.errors.empty() ? "" : host.errors.back()));
}

void RevocationFixture::start_with(const CrlWriter& writer, Entries more) {
    write("a.crl", writer.write());
    more.emplace_back("crl_files", fake::FakeNode::array({path("a.crl")}));
    start(std::move(more));
}

std::string RevocationFixture::start_error(Entries table) {
    // In configure() already: --check, which starts nothing, must see it.
    BOOST_TEST(instance.configure(fake::FakeNode::table(std::move(table))) != POSTERN_OK);
    return host.errors.empty() ? "" : host.errors.back();
}

fake::Answer RevocationFixture::check(const tls::ChainRef& verified,
                                      const tls::ChainRef& presented) {
    const auto& table = instance.interface<postern_revocation>(POSTERN_IF_REVOCATION);
    const fake::FakePeer peer{presented ? presented : tls::Chain::empty(), verified};
    const std::size_t completed = host.completions.size();
    // The inputs live until the operation completes, so what waits runs inside.
    postern_peer_cert cert{};
    cert.struct_size = sizeof cert;
    cert.presented = fake::handle(peer.presented);
    cert.verified = fake::handle(peer.verified);
    fake::Answer answer =
        instance.ask(0, [&](void* self, const postern_call* call, postern_verdict* out) {
            const postern_rc rc = table.check(self, call, &cert, out);
            if (rc == POSTERN_PENDING) host.run_posted();
            return rc;
        });
    if (answer.rc != POSTERN_PENDING) return answer;
    BOOST_TEST_REQUIRE(host.completions.size() == completed + 1);
    const auto& completion = host.completions.back();
    answer.rc = completion.rc;
    answer.action = completion.action;
    answer.reason = completion.reason;
    answer.detail = completion.detail;
    answer.facts = completion.facts;
    return answer;
}

}  // namespace postern::revocation::test
