// The upstream behind the proxies: plain HTTP, the same bytes for every request.
#include <array>
#include <string>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "tests/bench/http_length.h"
#include "tests/bench/server_setup.h"

namespace postern::bench {
namespace {

struct Peer {
    UniqueFd fd;
    std::string input;
};

// False: the connection is over.
bool serve(Peer& peer) {
    std::array<char, 4096> chunk;
    const ssize_t count = ::recv(peer.fd.get(), chunk.data(), chunk.size(), 0);
    if (count <= 0) return false;
    peer.input.append(chunk.data(), static_cast<std::size_t>(count));
    const auto length = http_message_length(peer.input);
    if (!length || peer.input.size() < *length) return true;
    peer.input.clear();
    const std::string_view answer = fixed_answer();
    return ::send(peer.fd.get(), answer.data(), answer.size(), MSG_NOSIGNAL) > 0;
}

[[noreturn]] void run(const ServerOptions& options) {
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
                peer = new Peer{UniqueFd(fd), {}};
                watch(epoll.get(), fd, peer);
            } else if (!serve(*peer)) {
                delete peer;
            }
        }
    }
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    using namespace postern::bench;
    run(read_server_options(argc, argv, Transport::kPlain));
}
