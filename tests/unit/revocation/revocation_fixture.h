#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/unit/revocation/crl_writer.h"
#include "tests/unit/revocation/signing_crypto.h"
#include "tests/unit/sdk_fake_host/fake_x509.h"

namespace postern::revocation::test {

// The plugin in a host in memory, an authority whose CRLs it makes, and a directory for them.
class RevocationFixture {
public:
    using Entries = std::vector<fake::FakeNode::Entry>;
    static constexpr std::int64_t kNow = 1'800'000'000;  // the fake clock's

    RevocationFixture();
    ~RevocationFixture();

    std::string path(const std::string& name) const { return (directory / name).string(); }
    void write(const std::string& name, const Der& bytes) const;
    void write(const std::string& name, const std::string& text) const;

    // A CRL of the authority that revokes these.
    CrlWriter crl(const std::vector<Der>& serials = {}) const;
    tls::Certificate certificate(const std::string& subject, const std::string& issuer,
                                 const Der& serial) const;
    tls::Certificate authority() const { return authority("Test CA", key); }
    tls::Certificate authority(const std::string& subject, const SigningKey& its_key) const;
    static tls::ChainRef chain(std::vector<tls::Certificate> certificates);
    // A leaf with this serial below the authority.
    tls::ChainRef leaf(const Der& serial) const;

    void start(Entries table);
    // Starts with one file, "a.crl", of these.
    void start_with(const CrlWriter& writer, Entries more = {});
    std::string start_error(Entries table);
    // Asks, and runs what the answer waits for.
    fake::Answer check(const tls::ChainRef& verified, const tls::ChainRef& presented = {});
    fake::Answer check_serial(const Der& serial) { return check(leaf(serial)); }
    // As the watch would find it.
    void pass(std::chrono::nanoseconds time) { host.advance(time); }

    std::filesystem::path directory;
    SigningKey key;
    // With signatures and certificates, which the instance looks for when it is made.
    struct Host : fake::FakeHost {
        Host();
    };
    Host host;
    fake::FakeInstance instance;
};

}  // namespace postern::revocation::test
