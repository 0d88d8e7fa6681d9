#include "core/net/acceptor.h"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/base/log.h"
#include "core/net/review.h"

namespace postern::net {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr std::uint64_t kPause = 100'000'000;  // without descriptors, accept again after this
constexpr std::uint64_t kSayEvery = 1'000'000'000;

void set_options(int socket, const Endpoint& peer) {
    if (peer.family == POSTERN_AF_UNIX) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A stream may be silent for hours: the kernel finds out whether its peer still lives.
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    const int idle_seconds = 60;
    const int interval_seconds = 15;
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
}

Endpoint local_endpoint(int socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    if (::getsockname(socket, address, &length) != 0) return {};
    return endpoint_from(address, length);
}

}  // namespace

Acceptor::Acceptor(Loop& loop, WireBuffers& buffers, int socket,
                   std::shared_ptr<ListenerCounters> counters, ListenerPolicyRef policy)
    : loop_(loop),
      buffers_(buffers),
      socket_(socket),
      counters_(std::move(counters)),
      policy_(std::move(policy)) {}

Acceptor::~Acceptor() {
    loop_.cancel(pause_timer_);
    if (watched_) loop_.unwatch(socket_, *this);
    for (const auto& [key, connection] : connections_) connection->discard();
    counters_->open.fetch_sub(static_cast<std::uint32_t>(connections_.size()));
}

Result<void> Acceptor::start() {
    // EPOLLEXCLUSIVE: loops that share a unix socket are not all woken for one connection.
    auto watching = loop_.watch(socket_, EPOLLIN | EPOLLEXCLUSIVE, *this);
    watched_ = watching.ok();
    return watching;
}

void Acceptor::set_policy(ListenerPolicyRef policy) {
    policy_ = std::move(policy);
    review();
}

void Acceptor::review() {
    ++reviews_;
    std::vector<std::weak_ptr<Connection>> live;
    live.reserve(connections_.size());
    for (const auto& [key, connection] : connections_) live.push_back(connection);
    review_connections(loop_, std::move(live), policy_);
}

void Acceptor::review(Connection& connection) {
    review_connections(loop_, {connection.weak_from_this()}, policy_);
}

void Acceptor::drain() {
    while (watched_ && accept_some()) {
    }
    loop_.cancel(pause_timer_);
    pause_timer_ = 0;
    if (watched_) loop_.unwatch(socket_, *this);
    watched_ = false;
    std::vector<std::shared_ptr<Connection>> live;
    for (const auto& [key, connection] : connections_) live.push_back(connection);
    for (const auto& connection : live) connection->drain();
}

void Acceptor::cut_all(Reason reason) {
    std::vector<std::shared_ptr<Connection>> live;
    for (const auto& [key, connection] : connections_) live.push_back(connection);
    for (const auto& connection : live) connection->cut(reason, "");
}

void Acceptor::on_ready(std::uint32_t /*epoll_events*/) {
    accept_some();
}

bool Acceptor::accept_some() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        auto* address = reinterpret_cast<sockaddr*>(&storage);
        UniqueFd socket(::accept4(socket_, address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket) {
            take(std::move(socket), endpoint_from(address, length));
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log::write(LogLevel::error, "gate", "cannot accept connections",
                       {{"listener", policy_->settings.name}, {"detail", std::strerror(errno)}});
            pause();
            return false;
        }
        // Anything else is the fault of that one connection (accept(2)).
    }
    return true;
}

void Acceptor::take(UniqueFd socket, const Endpoint& peer) {
    if (counters_->open.fetch_add(1) >= policy_->settings.max_connections) {
        counters_->open.fetch_sub(1);
        ++overflowed_;
        report_overflow(peer);
        return;
    }
    set_options(socket.get(), peer);
    const Endpoint local = local_endpoint(socket.get());
    auto connection =
        std::make_shared<Connection>(static_cast<ConnectionOwner&>(*this), std::move(socket), peer,
                                     local, plugin::next_connection_id(), policy_);
    Connection* const key = connection.get();
    connections_.emplace(key, connection);
    connection->start();
}

void Acceptor::report_overflow(const Endpoint& peer) {
    if (loop_.now_ns() - overflow_said_ns_ < kSayEvery) return;
    overflow_said_ns_ = loop_.now_ns();
    log::write(LogLevel::warning, "gate", "connections refused: max_connections is reached",
               {{"listener", policy_->settings.name},
                {"peer", endpoint_text(peer)},
                {"reason", reason_row(POSTERN_REASON_CONNECTION_LIMIT).name},
                {"limit", std::to_string(policy_->settings.max_connections)},
                {"refused", std::to_string(overflowed_)}});
    overflowed_ = 0;
}

// Level-triggered, the socket would wake the loop without end while no descriptor is free.
void Acceptor::pause() {
    if (!watched_) return;
    loop_.unwatch(socket_, *this);
    watched_ = false;
    pause_timer_ = loop_.run_at(loop_.now_ns() + kPause, [this] {
        pause_timer_ = 0;
        if (!start()) pause();
    });
}

void Acceptor::remove(Connection& connection) {
    if (connections_.erase(&connection) > 0) counters_->open.fetch_sub(1);
}

}  // namespace postern::net
