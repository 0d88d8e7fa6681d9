// The floor: an epoll loop and GnuTLS, nothing else. Answers every request with the same bytes.
#include <array>
#include <string>

#include <sys/epoll.h>

#include "tests/bench/http_length.h"
#include "tests/bench/server_setup.h"

namespace postern::bench {
namespace {

struct Peer {
    UniqueFd fd;
    tls::SessionOwner session;
    bool established = false;
    std::string input;
};

// False: the connection is over. What is written fits into the socket's buffer.
bool serve(Peer& peer) {
    if (!peer.established) {
        const int code = finish_handshake(peer.session.get());
        if (code < 0) return gnutls_error_is_fatal(code) == 0;
        peer.established = true;
    }
    std::array<char, 4096> chunk;
    while (true) {
        const auto count = gnutls_record_recv(peer.session.get(), chunk.data(), chunk.size());
        if (count == 0) gnutls_bye(peer.session.get(), GNUTLS_SHUT_WR);
        if (count <= 0) return count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED;
        peer.input.append(chunk.data(), static_cast<std::size_t>(count));
        const auto length = http_message_length(peer.input);
        if (!length || peer.input.size() < *length) continue;
        peer.input = {};
        const std::string_view answer = fixed_answer();
        if (gnutls_record_send(peer.session.get(), answer.data(), answer.size()) < 0) return false;
    }
}

[[noreturn]] void run(const ServerOptions& options) {
    const TlsSetup setup(options);
    const UniqueFd listener = listen_on(options.port);
    const UniqueFd epoll = make_epoll();
    watch(epoll.get(), listener.get(), nullptr);
    std::array<epoll_event, 64> events;
    while (true) {
        const int count = ::epoll_wait(epoll.get(), events.data(), events.size(), -1);
        for (int index = 0; index < count; ++index) {
            auto* peer = static_cast<Peer*>(events[static_cast<std::size_t>(index)].data.ptr);
            if (peer == nullptr) {
                const int fd = accept_one(listener.get());
                if (fd < 0) continue;
                peer = new Peer{UniqueFd(fd), setup.accept(fd), false, {}};
                watch(epoll.get(), fd, peer);
            }
            if (!serve(*peer)) delete peer;
        }
    }
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    using namespace postern::bench;
    run(read_server_options(argc, argv, Transport::kTls));
}
