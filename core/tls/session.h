#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/reason_table.h"
#include "core/tls/chain.h"
#include "core/tls/wire.h"

namespace postern::tls {

// One end of a TLS connection, whichever: the same handshake with the host's verdict in it, the
// same records and the same facts. ServerSession and ClientSession say how each end begins. One
// thread; the wire outlives it.
class Session {
public:
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    enum class Handshake {
        done,
        want_io,       // call again when the wire is ready
        want_verdict,  // peer_chain() is there: call set_verdict(), then handshake() again
        failed,        // failure() says why; the peer has been told, but for
                       // CERTIFICATE_REQUIRED and a refused verdict: send_alert() is the caller's
    };
    [[nodiscard]] Handshake handshake();
    enum class Verdict : bool { refuse = false, accept = true };
    void set_verdict(Verdict verdict);

    struct Failure {
        Reason reason = 0;
        std::string detail;      // for the log, with the peer's alert if it sent one
        std::uint8_t alert = 0;  // that alert's number; 0 with none
    };
    [[nodiscard]] const Failure& failure() const;

    enum class Io { done, want_io, closed, failed };
    struct Read {
        Io status = Io::want_io;
        std::size_t size = 0;
    };
    [[nodiscard]] Read read(std::span<std::uint8_t> into);
    // A record was read from the wire and a part of it not yet from here.
    [[nodiscard]] bool has_unread() const;
    // Takes what fits in whole records; done: `taken` may still be less than all of it. After
    // want_io nothing is taken, and the next call has to begin with the same bytes: a record of
    // them is sealed already.
    struct Write {
        Io status = Io::want_io;
        std::size_t taken = 0;
    };
    [[nodiscard]] Write write(ByteView data);

    // Fatal; once. In TLS 1.2 certificate_required (116) goes as handshake_failure (40).
    void send_alert(std::uint8_t alert);
    void send_close_notify();

    // What the handshake settled. The chain as presented, or on a resumed session as it was then;
    // empty without a certificate.
    [[nodiscard]] ChainRef peer_chain() const;
    [[nodiscard]] bool resumed() const;
    [[nodiscard]] std::uint16_t version() const;     // 0x0303, 0x0304
    [[nodiscard]] std::uint16_t cipher() const;      // IANA number
    [[nodiscard]] std::string version_name() const;  // "TLS 1.3"
    [[nodiscard]] std::string cipher_name() const;   // "TLS_AES_128_GCM_SHA256"
    [[nodiscard]] std::string group_name() const;
    [[nodiscard]] std::string alpn() const;

    class State;

protected:
    explicit Session(std::unique_ptr<State> state);
    ~Session();
    [[nodiscard]] State& own_state() const { return *state_; }

private:
    std::unique_ptr<State> state_;
};

}  // namespace postern::tls
