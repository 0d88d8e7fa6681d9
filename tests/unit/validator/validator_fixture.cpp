#include "tests/unit/validator/validator_fixture.h"

namespace postern::fake {

namespace {

const postern_x509* with_x509(FakeHost& host) {
    host.provide(POSTERN_SERVICE_X509, x509_service());
    return x509_service();
}

tls::Certificate ec_certificate(const std::string& name, std::uint8_t serial) {
    tls::Certificate out;
    out.der = {0x30, serial};
    out.subject_text = "CN=" + name;
    out.issuer_text = "CN=Some CA";
    out.serial = {serial};
    out.version = 3;
    out.key_type = POSTERN_KEY_EC;
    out.key_bits = 256;
    out.curve_oid = "1.2.840.10045.3.1.7";
    out.signature_oid = "1.2.840.10045.4.3.2";
    out.signature_hash = POSTERN_DIGEST_SHA256;
    out.not_before = 1'700'000'000;
    out.not_after = out.not_before + 90 * 86'400;
    return out;
}

tls::Certificate authority(const std::string& name, std::uint8_t serial) {
    tls::Certificate out = ec_certificate(name, serial);
    out.is_ca = 1;
    out.key_usage = POSTERN_KEY_USAGE_CERT_SIGN | POSTERN_KEY_USAGE_CRL_SIGN;
    add_extension(out, "2.5.29.19", true);
    add_extension(out, "2.5.29.15", true);
    return out;
}

tls::Certificate end_entity(const std::string& name, const std::string& purpose) {
    tls::Certificate out = ec_certificate(name, 1);
    out.key_usage = POSTERN_KEY_USAGE_DIGITAL_SIGNATURE;
    out.extended_key_usage = {purpose};
    add_extension(out, "2.5.29.15", true);
    add_extension(out, "2.5.29.37", false);
    add_extension(out, "2.5.29.17", false);
    return out;
}

}  // namespace

tls::Certificate good_leaf() {
    tls::Certificate out = end_entity("alice", "1.3.6.1.5.5.7.3.2");
    out.san_uri = {"spiffe://corp.example/alice"};
    return out;
}

tls::Certificate good_server_leaf() {
    tls::Certificate out = end_entity("gate", "1.3.6.1.5.5.7.3.1");
    out.san_dns = {"gate.example"};
    return out;
}

tls::Certificate good_intermediate() {
    return authority("Issuing CA", 2);
}
tls::Certificate good_anchor() {
    return authority("Root CA", 3);
}

void add_extension(tls::Certificate& certificate, std::string oid, bool critical) {
    certificate.extensions.push_back({std::move(oid), {}, critical});
}

ValidatorFixture::ValidatorFixture()
    : validator_((static_cast<void>(with_x509(host_)), host_),
                 postern_module_v1(POSTERN_ABI_VERSION)) {}

Answer ValidatorFixture::ask_client(std::vector<tls::Certificate> verified) {
    const auto chain = tls::Chain::from_certificates(std::move(verified));
    return ask(POSTERN_CONN_INBOUND, {chain, chain});
}

Answer ValidatorFixture::ask_server(std::vector<tls::Certificate> verified, std::string hostname) {
    const auto chain = tls::Chain::from_certificates(std::move(verified));
    return ask(0, {chain, chain, std::move(hostname)});
}

Answer ValidatorFixture::ask_pinned(std::vector<tls::Certificate> presented) {
    return ask(POSTERN_CONN_INBOUND, {tls::Chain::from_certificates(std::move(presented)), nullptr,
                                      "", POSTERN_VERIFY_SKIPPED});
}

Answer ValidatorFixture::ask_about_leaf(const tls::Certificate& leaf) {
    return ask_client({leaf, good_intermediate(), good_anchor()});
}

Answer ValidatorFixture::ask_about_intermediate(const tls::Certificate& intermediate) {
    return ask_client({good_leaf(), intermediate, good_anchor()});
}

Answer ValidatorFixture::ask(std::uint32_t flags, const FakePeer& peer) {
    const auto& table = validator_.interface<postern_validator>(POSTERN_IF_VALIDATOR);
    return ask_peer_certificate(validator_, table.on_peer_certificate, flags, peer);
}

int refusal(const Answer& answer) {
    if (answer.rc != POSTERN_OK) return answer.rc;
    return answer.action == POSTERN_ACTION_ALLOW ? 0 : static_cast<int>(answer.reason);
}

}  // namespace postern::fake
