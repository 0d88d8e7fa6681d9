#include "tests/unit/pinning/pinning_fixture.h"

#include "core/base/bytes.h"

namespace postern::fake {

namespace {

FakeHost& prepared(FakeHost& host, const TemporaryDirectory& directory) {
    host.provide(POSTERN_SERVICE_X509, x509_service());
    host.state_directory = directory.path();
    return host;
}

}  // namespace

PinningFixture::PinningFixture()
    : pinning_(prepared(host, directory), postern_module_v1(POSTERN_ABI_VERSION)) {
    host.on_stored = [this](const std::string& key, std::string_view value) { store(key, value); };
}

postern_rc PinningFixture::configure(std::vector<FakeNode::Entry> keys) {
    return pinning_.configure(FakeNode::table(std::move(keys)));
}

Answer PinningFixture::ask(const FakePeer& peer, std::uint32_t flags) {
    const auto& table = pinning_.interface<postern_pinning>(POSTERN_IF_PINNING);
    return ask_peer_certificate(pinning_, table.evaluate, flags, peer);
}

Answer PinningFixture::ask_verified(std::initializer_list<const tls::test::Issued*> chain) {
    const tls::ChainRef ref = tls::test::chain_of(chain);
    return ask({ref, ref});
}

Answer PinningFixture::ask_presented(std::initializer_list<const tls::test::Issued*> chain) {
    return ask({tls::test::chain_of(chain), nullptr, "", POSTERN_VERIFY_SKIPPED});
}

std::string pin_of(const tls::test::Issued& certificate) {
    return "sha256/" + to_base64(tls::test::chain_of({&certificate})->leaf().spki_sha256);
}

}  // namespace postern::fake
