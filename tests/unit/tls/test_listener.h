#pragma once

#include <stdexcept>

#include "core/tls/server_context.h"
#include "tests/unit/tls/test_pki.h"

namespace postern::tls::test {

// A listener that requires client certificates of one authority, and a client that has one.
struct TestListener {
    TestListener() : authority(issue_authority("test ca")) {
        Wanted server;
        server.common_name = "gate";
        server.dns = {"gate.example"};
        server.issuer = &authority;
        gate = issue(server);
        Wanted wanted;
        wanted.dns = {"client.example"};
        wanted.issuer = &authority;
        client = issue(wanted);

        settings.name = "mcp";
        settings.tls.client_ca = {folder.write("ca.crt", authority.pem())};
        add_certificate("gate", gate);
    }

    void add_certificate(const std::string& name, const Issued& certificate) {
        config::Certificate files;
        files.certificate = folder.write(name + ".crt", certificate.pem());
        files.private_key = folder.write(name + ".key", certificate.key_pem());
        settings.tls.certificates.push_back(files);
    }

    [[nodiscard]] std::shared_ptr<const ServerContext> context() const {
        auto created = ServerContext::create(settings);
        if (!created) throw std::runtime_error(created.error().message);
        return *created;
    }

    TemporaryFolder folder;
    Issued authority;
    Issued gate;
    Issued client;
    config::Listener settings;
};

}  // namespace postern::tls::test
