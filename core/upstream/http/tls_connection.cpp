#include "core/upstream/http/tls_connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/base/clock.h"
#include "core/base/log.h"

namespace postern::upstream {
namespace {

constexpr std::size_t kMaxRecord = 16 * 1024;

// 64 KiB a thread. Each call into a connection borrows them and gives them back, since one
// connection's turn may run into another's.
std::shared_ptr<net::WireBuffers> buffers_of_this_thread() {
    thread_local const auto buffers = std::make_shared<net::WireBuffers>();
    return buffers;
}

template <class Read>
Endpoint endpoint_of(Read read, int socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    return read(socket, address, &length) == 0 ? endpoint_from(address, length) : Endpoint{};
}

// RFC 8446 section 6.2: bad_certificate to access_denied, certificate_required.
bool is_about_certificate(std::uint8_t alert) {
    return (alert >= 42 && alert <= 49) || alert == 116;
}

ssize_t would_block() {
    errno = EAGAIN;
    return -1;
}

}  // namespace

TlsConnection::TlsConnection(net::Loop& loop, UniqueFd socket,
                             std::shared_ptr<const TlsServer> server, User& user)
    : Transport(loop, user),
      server_(std::move(server)),
      buffers_(buffers_of_this_thread()),
      wire_(std::move(socket), *buffers_),
      interest_(loop, wire_.fd(), *this),
      began_ns_(loop.now_ns()),
      self_(std::make_shared<TlsConnection*>(this)) {}

TlsConnection::~TlsConnection() {
    loop().cancel(timer_);
    if (state_ == State::open) {
        session_->send_close_notify();
        static_cast<void>(wire_.end_turn());
    }
    admission_.reset();
    close_pipeline();
}

Result<void> TlsConnection::watch(std::uint32_t epoll_events) {
    wanted_ = epoll_events;
    if ((wanted_ & EPOLLIN) != 0 && has_unread()) tell_again();
    return update_interest();
}

Transport::Opening TlsConnection::open() {
    switch (state_) {
        case State::connecting:
            return start_handshake();
        case State::handshake:
            return advance();
        case State::open:
            return Opening::done;
        case State::failed:
            break;
    }
    return Opening::failed;
}

Transport::Opening TlsConnection::start_handshake() {
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(wire_.fd(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
    if (error != 0) return fail(POSTERN_REASON_IO_ERROR, std::strerror(error));
    peer_ = endpoint_of(::getpeername, wire_.fd());
    if (peer_.family == POSTERN_AF_NONE) return Opening::connecting;

    plugin::ConnectionPipeline::Facts facts;
    facts.connection = plugin::next_connection_id();
    facts.peer = peer_;
    facts.local = endpoint_of(::getsockname, wire_.fd());
    facts.flags = POSTERN_CONN_TLS;
    pipeline_ = std::make_unique<plugin::ConnectionPipeline>(server_->pipeline, loop(), facts);
    auto session = tls::ClientSession::create(server_->context, wire_, server_->name);
    if (!session) return fail(POSTERN_REASON_TLS_ERROR, session.error().message);
    session_ = std::move(*session);
    admission_ = std::make_unique<ServerAdmission>(server_->context, *session_, *pipeline_,
                                                   [this] { user().on_ready(*this, 0); });
    state_ = State::handshake;
    timer_ = loop().run_at(loop().now_ns() + server_->handshake_timeout_ns, [this] {
        timer_ = 0;
        fail(POSTERN_REASON_HANDSHAKE_TIMEOUT, asking_ ? "a plugin's answer did not come in time"
                                                       : "the TLS handshake took too long");
        user().on_ready(*this, 0);
    });
    return advance();
}

Transport::Opening TlsConnection::advance() {
    const auto progress = admission_->advance();
    const bool sent = wire_.end_turn();
    asking_ = progress == ServerAdmission::Progress::asking;
    if (progress == ServerAdmission::Progress::refused) {
        const auto& refusal = admission_->refusal();
        return fail(refusal.reason, std::string(reason_row(refusal.reason).sentence) +
                                        (refusal.detail.empty() ? "" : ": " + refusal.detail));
    }
    if (!sent) return fail(POSTERN_REASON_PEER_CLOSED, "it closed the connection in the handshake");
    if (progress != ServerAdmission::Progress::admitted) {
        if (auto watching = update_interest(); !watching)
            return fail(POSTERN_REASON_OVERLOADED, watching.error().message);
        return Opening::connected;
    }
    valid_until_ = admission_->valid_until();
    loop().cancel(std::exchange(timer_, 0));
    state_ = State::open;
    admission_.reset();
    cut_when_out_of_date();
    if (when_open_) loop().defer(std::exchange(when_open_, {}));
    return Opening::done;
}

Transport::Opening TlsConnection::fail(Reason reason, std::string fault) {
    loop().cancel(std::exchange(timer_, 0));
    state_ = State::failed;
    asking_ = false;
    end_reason_ = reason;
    fault_ = std::move(fault);
    close_pipeline();
    return Opening::failed;
}

// Once counts; an answer that is still owed then comes to nobody.
void TlsConnection::close_pipeline() {
    if (!pipeline_) return;
    pipeline_->close(
        {end_reason_, wire_.bytes_in(), wire_.bytes_out(), loop().now_ns() - began_ns_});
}

void TlsConnection::log_refusal() const {
    if (!session_ || state_ != State::failed) return;
    ServerAdmission::Refusal refusal{end_reason_, "handshake", "", fault_};
    tls::ChainRef presented;
    if (admission_) {
        presented = admission_->presented();
        if (admission_->refusal().reason != 0) refusal = admission_->refusal();
    }
    std::string certificate;
    std::string subject;
    if (presented && presented->size() > 0) {
        certificate = to_hex(presented->leaf().sha256);
        subject = presented->leaf().subject_text;
    }
    log::write(LogLevel::warning, "upstream", turned_away_ ? "refused by server" : "server refused",
               {{"upstream", server_->upstream},
                {"server", server_->name.text},
                {"peer", endpoint_text(peer_)},
                {"phase", refusal.phase},
                {"reason", reason_row(refusal.reason).name},
                {"plugin", refusal.plugin},
                {"detail", refusal.detail},
                {"presented_subject", subject},
                {"presented_sha256", certificate}});
}

void TlsConnection::cut(Reason reason, std::string detail) {
    if (state_ != State::open) return;
    log::write(LogLevel::warning, "upstream", "connection to server cut",
               {{"upstream", server_->upstream},
                {"server", server_->name.text},
                {"peer", endpoint_text(peer_)},
                {"reason", reason_row(reason).name},
                {"detail", detail}});
    fail(reason, std::string(reason_row(reason).sentence) + ": " + detail);
    user().on_cut(*this);
}

// Short pieces go into one record.
ssize_t TlsConnection::send(std::string_view first, std::string_view second) {
    if (state_ != State::open) return fail_transfer();
    resting_ = false;
    std::array<char, kMaxRecord> record;
    std::size_t sent = 0;
    while (!first.empty() || !second.empty()) {
        std::string_view next = first.empty() ? second : first;
        if (next.size() < kMaxRecord && !first.empty() && !second.empty()) {
            const std::size_t more = std::min(second.size(), kMaxRecord - first.size());
            std::copy(first.begin(), first.end(), record.begin());
            std::copy_n(second.begin(), more, record.begin() + first.size());
            next = {record.data(), first.size() + more};
        }
        const auto write = session_->write(as_bytes(next));
        if (write.status == tls::Session::Io::failed) return fail_transfer();
        const std::size_t of_first = std::min(write.taken, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(write.taken - of_first);
        sent += write.taken;
        if (write.taken < next.size()) break;
    }
    if (!wire_.end_turn()) {
        // Why the server closed, an alert or an answer, is there to be read.
        errno = EPIPE;
        return -1;
    }
    // What the socket did not take leaves by itself.
    if (wire_.has_unsent() && !update_interest()) return fail_transfer();
    return sent > 0 ? static_cast<ssize_t>(sent) : would_block();
}

ssize_t TlsConnection::receive(std::span<char> into) {
    if (state_ != State::open) return fail_transfer();
    const auto read = session_->read({reinterpret_cast<std::uint8_t*>(into.data()), into.size()});
    if (!wire_.end_turn() && read.status == tls::Session::Io::want_io) return fail_transfer();
    switch (read.status) {
        case tls::Session::Io::done:
            heard_ = true;
            if (has_unread()) tell_again();
            return static_cast<ssize_t>(read.size);
        case tls::Session::Io::want_io:
            return would_block();
        case tls::Session::Io::closed:
            return 0;
        case tls::Session::Io::failed:
            break;
    }
    return fail_transfer();
}

ssize_t TlsConnection::fail_transfer() {
    if (state_ != State::failed) {
        tls::Session::Failure failure{POSTERN_REASON_PEER_CLOSED, "it closed the connection"};
        if (session_ && session_->failure().reason != 0) failure = session_->failure();
        // In TLS 1.3 the server judges our certificate after our handshake is done.
        turned_away_ = !heard_ && is_about_certificate(failure.alert);
        fail(failure.reason, failure.detail);
    }
    errno = EPROTO;
    return -1;
}

bool TlsConnection::rest() {
    resting_ = state_ == State::open && !wire_.has_unsent() && !is_out_of_date() &&
               !(has_unread() && speaks_at_rest());
    return resting_;
}

bool TlsConnection::is_stale() {
    return is_out_of_date() || speaks_at_rest();
}

// What the verdict was about has run out.
bool TlsConnection::is_out_of_date() const {
    return system_clock().wall_seconds() > valid_until_;
}

// A stream may live for hours, and the system's clock may be set meanwhile.
void TlsConnection::cut_when_out_of_date() {
    const std::int64_t left = valid_until_ - system_clock().wall_seconds() + 1;
    const auto seconds = static_cast<std::uint64_t>(std::clamp<std::int64_t>(left, 1, 3600));
    timer_ = loop().run_at(loop().now_ns() + seconds * 1'000'000'000, [this] {
        timer_ = 0;
        if (is_out_of_date()) return cut(POSTERN_REASON_CERTIFICATE_EXPIRED, "while it was in use");
        cut_when_out_of_date();
    });
}

// Tickets and new keys are no news: they are taken here.
bool TlsConnection::speaks_at_rest() {
    char byte = 0;
    return receive({&byte, 1}) >= 0 || errno != EAGAIN;
}

bool TlsConnection::has_unread() const {
    return session_ != nullptr && (wire_.has_read_ahead() || session_->has_unread());
}

// epoll does not see what was read ahead.
void TlsConnection::tell_again() {
    if (std::exchange(telling_again_, true)) return;
    loop().defer([weak = std::weak_ptr<TlsConnection*>(self_)] {
        const auto self = weak.lock();
        if (!self) return;
        TlsConnection& connection = **self;
        connection.telling_again_ = false;
        if ((connection.wanted_ & EPOLLIN) == 0 || !connection.has_unread()) return;
        connection.user().on_ready(connection, EPOLLIN);
    });
}

void TlsConnection::on_ready(std::uint32_t epoll_events) {
    if (state_ == State::open) {
        constexpr std::uint32_t kEnds = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
        const bool ends = (epoll_events & kEnds) != 0;
        if (wire_.has_unsent()) {
            static_cast<void>(wire_.end_turn());
            if (auto watching = update_interest(); !watching)
                fail(POSTERN_REASON_OVERLOADED, watching.error().message);
        }
        if (resting_ && !ends && !speaks_at_rest()) return;
        const std::uint32_t told = epoll_events & (wanted_ | kEnds);
        if (told == 0) return;
        epoll_events = told;
    }
    user().on_ready(*this, epoll_events);
}

// In the handshake what it needs, whatever the user waits for; while a plugin is asked nothing,
// since EPOLLHUP cannot be masked and would turn the loop in circles.
Result<void> TlsConnection::update_interest() {
    std::uint32_t events = wanted_;
    if (state_ == State::handshake) events = asking_ ? 0u : std::uint32_t{EPOLLIN};
    if (wire_.has_unsent() && !asking_) events |= EPOLLOUT;
    return interest_.set(events);
}

}  // namespace postern::upstream
