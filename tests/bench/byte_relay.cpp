// The floor of proxying: terminates TLS and passes bytes to one upstream connection a client, both
// ways, without looking at them.
#include <array>
#include <memory>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "tests/bench/server_setup.h"

namespace postern::bench {
namespace {

struct Relay;

// One end of a relay, as epoll names it.
struct End {
    Relay* relay = nullptr;
    bool is_upstream = false;
};

struct Relay {
    UniqueFd client_fd;
    UniqueFd upstream_fd;
    tls::SessionOwner session;
    bool established = false;
    End client{this, false};
    End upstream{this, true};
};

UniqueFd connect_upstream(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return {};
    }
    return fd;
}

// False: the relay is over. What is written fits into the sockets' buffers.
bool pass_upstream(Relay& relay) {
    if (!relay.established) {
        const int code = finish_handshake(relay.session.get());
        if (code < 0) return gnutls_error_is_fatal(code) == 0;
        relay.established = true;
    }
    std::array<char, 16384> chunk;
    while (true) {
        const auto count = gnutls_record_recv(relay.session.get(), chunk.data(), chunk.size());
        if (count <= 0) return count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED;
        const auto size = static_cast<std::size_t>(count);
        if (::send(relay.upstream_fd.get(), chunk.data(), size, MSG_NOSIGNAL) != count)
            return false;
    }
}

bool pass_to_client(Relay& relay) {
    std::array<char, 16384> chunk;
    const ssize_t count = ::recv(relay.upstream_fd.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count <= 0) return false;
    const auto size = static_cast<std::size_t>(count);
    return gnutls_record_send(relay.session.get(), chunk.data(), size) == count;
}

void accept_client(int epoll, int listener, const TlsSetup& setup, std::uint16_t upstream_port) {
    UniqueFd fd(accept_one(listener));
    UniqueFd upstream = connect_upstream(upstream_port);
    if (!fd || !upstream) return;
    auto relay = std::make_unique<Relay>();
    relay->client_fd = std::move(fd);
    relay->upstream_fd = std::move(upstream);
    relay->session = setup.accept(relay->client_fd.get());
    watch(epoll, relay->client_fd.get(), &relay->client);
    watch(epoll, relay->upstream_fd.get(), &relay->upstream);
    static_cast<void>(relay.release());  // the epoll set owns it until one side ends
}

[[noreturn]] void run(const ServerOptions& options) {
    const TlsSetup setup(options);
    const UniqueFd listener = listen_on(options.port);
    const UniqueFd epoll = make_epoll();
    watch(epoll.get(), listener.get(), nullptr);
    // One event a call: ending a relay cannot leave an event of its other end behind.
    epoll_event event{};
    while (true) {
        if (::epoll_wait(epoll.get(), &event, 1, -1) != 1) continue;
        const auto* end = static_cast<const End*>(event.data.ptr);
        if (end == nullptr) {
            accept_client(epoll.get(), listener.get(), setup, options.upstream_port);
        } else if (Relay* relay = end->relay;
                   !(end->is_upstream ? pass_to_client(*relay) : pass_upstream(*relay))) {
            delete relay;
        }
    }
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    using namespace postern::bench;
    run(read_server_options(argc, argv, Transport::kTls));
}
