#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "core/tls/gnutls_handle.h"
#include "tests/unit/tls/test_pki.h"
#include "tests/unit/upstream/fake_server.h"

namespace postern::upstream::test {

// Serves connections one after another on a thread of its own, `count` of them, with blocking
// GnuTLS; `serve` runs after a handshake that went well.
class TlsServerThread {
public:
    using Serve = std::function<void(gnutls_session_t, int number)>;

    TlsServerThread(const tls::test::Issued& certificate, int count, Serve serve,
                    const char* priority = "NORMAL") {
        ::listen(port_.socket(), 16);
        gnutls_certificate_credentials_t credentials = nullptr;
        gnutls_certificate_allocate_credentials(&credentials);
        credentials_.reset(credentials);
        gnutls_x509_crt_t chain[] = {certificate.handle.get()};
        gnutls_certificate_set_x509_key(credentials, chain, 1, certificate.key.get());
        gnutls_session_ticket_key_generate(&ticket_key_);
        thread_ = std::thread([this, count, serve = std::move(serve), priority] {
            for (int i = 0; i < count; ++i) {
                UniqueFd fd(::accept4(port_.socket(), nullptr, nullptr, SOCK_CLOEXEC));
                if (!fd) return;
                serve_one(fd.get(), i, serve, priority);
            }
        });
    }
    ~TlsServerThread() {
        ::shutdown(port_.socket(), SHUT_RDWR);
        thread_.join();
        gnutls_free(ticket_key_.data);
    }
    TlsServerThread(const TlsServerThread&) = delete;
    TlsServerThread& operator=(const TlsServerThread&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_.number(); }

    static std::string read(gnutls_session_t session, std::size_t size) {
        std::string text(size, 0);
        std::size_t have = 0;
        while (have < size) {
            const ssize_t got = gnutls_record_recv(session, text.data() + have, size - have);
            if (got <= 0) break;
            have += static_cast<std::size_t>(got);
        }
        text.resize(have);
        return text;
    }
    static void write(gnutls_session_t session, std::string_view text) {
        while (!text.empty()) {
            const ssize_t size = gnutls_record_send(session, text.data(), text.size());
            if (size <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(size));
        }
    }

private:
    void serve_one(int fd, int number, const Serve& serve, const char* priority) {
        gnutls_session_t session = nullptr;
        gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
        const tls::SessionOwner owner(session);
        gnutls_priority_set_direct(session, priority, nullptr);
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get());
        gnutls_session_ticket_enable_server(session, &ticket_key_);
        gnutls_transport_set_int(session, fd);
        int status = 0;
        do {
            status = gnutls_handshake(session);
        } while (status < 0 && gnutls_error_is_fatal(status) == 0);
        if (status == 0) serve(session, number);
    }

    postern::test::LoopbackPort port_;
    tls::CredentialsOwner credentials_;
    gnutls_datum_t ticket_key_{nullptr, 0};
    std::thread thread_;
};

}  // namespace postern::upstream::test
