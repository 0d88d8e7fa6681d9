#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/tls/gnutls_handle.h"

namespace postern::bench {

// What every connection of a run has in common. Made once; connections point into it.
struct Approach {
    std::uint16_t port = 0;
    tls::PriorityOwner priority;
    std::string request;
};

// TLS 1.3 with one suite and one group, so that every server does the same arithmetic.
[[nodiscard]] Result<Approach> make_approach(std::uint16_t port);

// One connection to the server on a non-blocking socket. The server's certificate is not checked:
// what is measured is the server.
class ClientConnection {
public:
    enum class Progress { waiting, answered, failed };

    // `ticket` is what ticket() of another connection returned, or empty.
    [[nodiscard]] static Result<ClientConnection> open(const Approach& approach,
                                                       gnutls_certificate_credentials_t credentials,
                                                       const std::vector<unsigned char>& ticket);

    // Goes on until the answer is complete or the socket has to be waited for.
    [[nodiscard]] Progress advance();
    // After answered: the next advance() sends the request again.
    void ask_again() { state_ = State::sending; }
    void say_goodbye();

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] bool wants_write() const { return gnutls_record_get_direction(tls_.get()) == 1; }
    [[nodiscard]] bool resumed() const { return gnutls_session_is_resumed(tls_.get()) != 0; }
    [[nodiscard]] std::string suite() const;
    [[nodiscard]] Result<std::vector<unsigned char>> ticket() const;
    [[nodiscard]] const std::string& failure() const { return failure_; }

private:
    enum class State { handshaking, sending, receiving };

    ClientConnection(const Approach& approach, UniqueFd fd, tls::SessionOwner session)
        : approach_(&approach), fd_(std::move(fd)), tls_(std::move(session)) {}

    Progress after(long code, const char* what);
    Progress receive();
    Progress judge_answer(std::size_t length);

    const Approach* approach_;
    UniqueFd fd_;
    tls::SessionOwner tls_;  // after fd_: ends before its socket is closed
    State state_ = State::handshaking;
    std::string answer_;
    std::string failure_;
};

}  // namespace postern::bench
