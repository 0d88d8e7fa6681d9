#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/base/temporary_directory.h"
#include "tests/unit/sdk_fake_host/fake_host.h"
#include "tests/unit/sdk_fake_host/fake_instance.h"
#include "tests/unit/sdk_fake_host/fake_x509.h"
#include "tests/unit/tls/test_pki.h"

namespace postern::fake {

// A host whose state directory is a temporary one, and the store below it.
class PinningFixture {
public:
    PinningFixture();

    // Keys beside the default ones.
    postern_rc configure(std::vector<FakeNode::Entry> keys = {});
    postern_rc start() { return pinning_.start(); }

    Answer ask(const FakePeer& peer, std::uint32_t flags = POSTERN_CONN_INBOUND);
    Answer ask_verified(std::initializer_list<const tls::test::Issued*> chain);
    Answer ask_presented(std::initializer_list<const tls::test::Issued*> chain);

    std::string store(const std::string& name, std::string_view content) const {
        return directory.write("pins/" + name, content);
    }
    void unstore(const std::string& name) const {
        std::filesystem::remove(directory.file("pins/" + name));
    }
    // Long enough for the plugin to look at its files again.
    void let_it_look() { host.advance(std::chrono::seconds(3)); }

    TemporaryDirectory directory;
    FakeHost host;
    FakeInstance& pinning() { return pinning_; }

private:
    FakeInstance pinning_;
};

[[nodiscard]] std::string pin_of(const tls::test::Issued& certificate);

}  // namespace postern::fake
