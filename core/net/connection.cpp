#include "core/net/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/base/audit.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/net/connection_turn.h"

namespace postern::net {
namespace {

// After a fatal alert the socket is half-closed and drained for a moment: closing it with bytes
// unread would reset it, and the alert could be lost on its way.
constexpr std::uint64_t kLinger = 1'000'000'000;
constexpr std::uint32_t kMaxLingeredBytes = 256 * 1024;
// Reads of one turn, so that a fast peer does not keep the loop to itself.
constexpr int kReadsPerTurn = 8;
constexpr int kWritesPerTurn = 8;

}  // namespace

Connection::Connection(ConnectionOwner& owner, UniqueFd socket, Endpoint peer, Endpoint local,
                       postern_conn_id id, ListenerPolicyRef policy)
    : owner_(owner),
      loop_(owner.loop()),
      wire_(std::move(socket), owner.buffers()),
      peer_(peer),
      local_(local),
      id_(id),
      policy_(std::move(policy)),
      began_ns_(owner.loop().now_ns()),
      reviews_at_begin_(owner.reviews()) {
    plugin::ConnectionPipeline::Facts facts;
    facts.connection = id_;
    facts.peer = peer_;
    facts.local = local_;
    facts.flags = POSTERN_CONN_INBOUND | (policy_->tls ? POSTERN_CONN_TLS : 0u);
    pipeline_ =
        std::make_unique<plugin::ConnectionPipeline>(policy_->pipeline, owner.loop(), facts);
    admission_ = std::make_unique<Admission>(static_cast<AdmissionOwner&>(*this), wire_, *pipeline_,
                                             policy_, peer_);
}

Connection::~Connection() {
    if (watched_) loop().unwatch(wire_.fd(), *this);
    if (settles_at_turn_end_) loop().forget_turn_end(*this);
    loop().cancel(timer_);
}

void Connection::start() {
    const Turn turn(*this);
    admission_->advance();
}

std::string Connection::tls_version() const {
    return tls_ ? tls_->version_name() : std::string();
}

std::string Connection::tls_cipher() const {
    return tls_ ? tls_->cipher_name() : std::string();
}

bool Connection::tls_resumed() const {
    return tls_ && tls_->resumed();
}

void Connection::on_ready(std::uint32_t epoll_events) {
    const Turn turn(*this);
    if ((epoll_events & (EPOLLERR | EPOLLHUP)) != 0) {
        peer_ended_ = true;
        // These cannot be masked: while a plugin is asked they would wake the loop without end.
        if (state_ == State::admission) admission_->peer_gone();
    }
    pump();
}

void Connection::pump() {
    switch (state_) {
        case State::admission:
            admission_->advance();
            break;
        case State::open:
            read_input();
            break;
        case State::flushing:
            break;  // settle() sends
        case State::lingering:
            linger();
            break;
        case State::closed:
            break;
    }
}

void Connection::read_input() {
    std::array<std::uint8_t, 16 * 1024> room;
    for (int i = 0; i < kReadsPerTurn && state_ == State::open && wants_input(); ++i) {
        if (tls_) {
            const auto read = tls_->read(room);
            if (read.status == tls::ServerSession::Io::want_io) return;
            if (read.status != tls::ServerSession::Io::done) {
                const bool closed = read.status == tls::ServerSession::Io::closed;
                begin_close(closed ? Reason{POSTERN_REASON_PEER_CLOSED} : tls_->failure().reason,
                            closed ? "" : tls_->failure().detail);
                return;
            }
            http_->receive(as_text(ByteView(room.data(), read.size)), loop().now_ns());
            // GnuTLS takes memory even to find that there is nothing more.
            if (wire_.is_dry() && !tls_->has_unread()) return;
            continue;
        }
        const ssize_t size = wire_.pull(room);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (size <= 0) {
            begin_close(size == 0 ? POSTERN_REASON_PEER_CLOSED : POSTERN_REASON_IO_ERROR, "");
            return;
        }
        http_->receive(as_text(ByteView(room.data(), static_cast<std::size_t>(size))),
                       loop().now_ns());
    }
}

void Connection::write_output() {
    while (http_ && !http_->output().empty()) {
        const std::string_view output = http_->output();
        if (!tls_) {
            if (wire_.push(as_bytes(output.substr(0, WireBuffers::kSize))) < 0) return;
            http_->output_sent(std::min<std::size_t>(output.size(), WireBuffers::kSize),
                               loop().now_ns());
            continue;
        }
        const auto write = tls_->write(as_bytes(output));
        if (write.taken > 0) http_->output_sent(write.taken, loop().now_ns());
        if (write.status == tls::ServerSession::Io::want_io) return;
        if (write.status != tls::ServerSession::Io::done) {
            peer_ended_ = true;
            return;
        }
    }
}

// Answers leave at the end of the loop's turn, those of many connections after another.
void Connection::end_turn() {
    if (state_ != State::open) return settle();
    wire_.give_back_input();
    if (!std::exchange(settles_at_turn_end_, true)) loop().end_turn_with(*this);
}

void Connection::on_turn_end() {
    const auto self = shared_from_this();
    settles_at_turn_end_ = false;
    settle();
}

void Connection::settle() {
    // Nested calls from here (on_writable, later tasks) must not settle again.
    ++depth_;
    for (int round = 0; state_ != State::closed; ++round) {
        const std::size_t before = http_ ? http_->output().size() : 0;
        if (state_ == State::open || state_ == State::flushing) write_output();
        const bool sent = wire_.end_turn();
        if (!sent || (peer_ended_ && state_ != State::admission)) {
            begin_close(POSTERN_REASON_PEER_CLOSED, "");
            close_now();
            break;
        }
        const std::size_t left = http_ ? http_->output().size() : 0;
        if (left == 0 || wire_.has_unsent()) break;
        // A session may hold a record back until the one before has left: go on while it goes on.
        if (left == before && round > 0) break;
        if (round == kWritesPerTurn) {
            later([] {});
            break;
        }
    }
    const bool all_sent = !wire_.has_unsent() && (!http_ || http_->output().empty());
    if (state_ == State::flushing && all_sent) linger();
    if (state_ != State::closed) {
        update_interest();
        update_deadline();
        // epoll does not see what was read ahead.
        if (state_ == State::open && wants_input() && wire_.has_read_ahead()) {
            later([this] { pump(); });
        }
    }
    --depth_;
    if (state_ == State::closed) owner_.remove(*this);
}

void Connection::update_interest() {
    std::uint32_t wanted = EPOLLRDHUP;
    switch (state_) {
        case State::admission:
            if (admission_ && admission_->wants_input()) wanted |= EPOLLIN;
            break;
        case State::open:
            if (wants_input()) wanted |= EPOLLIN;
            break;
        case State::lingering:
            wanted |= EPOLLIN;
            break;
        case State::flushing:
        case State::closed:
            break;
    }
    // A peer that ended its half while we do not read would wake the loop for ever.
    if ((wanted & EPOLLIN) == 0) wanted &= ~static_cast<std::uint32_t>(EPOLLRDHUP);
    if (wire_.has_unsent()) wanted |= EPOLLOUT;
    if (!watched_) {
        watched_ = loop().watch(wire_.fd(), wanted, *this).ok();
        if (!watched_) close_now();
    } else if (wanted != interest_) {
        loop().change(wire_.fd(), wanted, *this);
    }
    interest_ = wanted;
}

// One timer, set to the nearest deadline; a deadline that moved on is noticed when it comes up, so
// that a request does not cost two timers.
void Connection::update_deadline() {
    std::uint64_t at = 0;
    switch (state_) {
        case State::admission:
            at = began_ns_ + policy_->settings.handshake_timeout_ns;
            break;
        case State::open:
            at = http_->deadline_ns();
            if (expires_ns_ != 0 && (at == 0 || expires_ns_ < at)) at = expires_ns_;
            break;
        case State::flushing:
        case State::lingering:
            at = closing_deadline_ns_;
            break;
        case State::closed:
            break;
    }
    if (at == 0 || (timer_ != 0 && timer_at_ns_ <= at)) return;
    loop().cancel(timer_);
    timer_at_ns_ = at;
    timer_ = loop().run_at(at, [this] { on_deadline(); });
}

void Connection::on_deadline() {
    timer_ = 0;
    const Turn turn(*this);
    const std::uint64_t now = loop().now_ns();
    switch (state_) {
        case State::admission:
            if (now >= began_ns_ + policy_->settings.handshake_timeout_ns) admission_->expire();
            break;
        case State::open: {
            if (expires_ns_ != 0 && now >= expires_ns_) {
                cut(POSTERN_REASON_CERTIFICATE_EXPIRED, "it ran out while the connection stood");
                break;
            }
            const std::uint64_t deadline = http_->deadline_ns();
            if (deadline != 0 && now >= deadline) http_->on_deadline();
            break;
        }
        case State::flushing:
        case State::lingering:
            if (now >= closing_deadline_ns_) close_now();
            break;
        case State::closed:
            break;
    }
}

void Connection::drain() {
    const Turn turn(*this);
    if (state_ == State::admission) {
        begin_close(POSTERN_REASON_SHUTDOWN, "");
        close_now();
    } else if (state_ == State::open && http_->drain()) {
        begin_close(POSTERN_REASON_SHUTDOWN, "");
    }
}

void Connection::cut(Reason reason, std::string detail) {
    const Turn turn(*this);
    if (state_ == State::closed || state_ == State::lingering) return;
    const std::uint8_t alert = reason_row(reason).tls_alert;
    if (tls_ && alert != 0) tls_->send_alert(alert);
    if (http_) http_->abandon();
    abrupt_ = true;
    audit::write("gate", "connection cut",
                 {{"listener", policy_->settings.name},
                  {"peer", endpoint_text(peer_)},
                  {"identity", identity_.name},
                  {"reason", reason_row(reason).name},
                  {"detail", detail}});
    begin_close(reason, std::move(detail));
    closing_deadline_ns_ = loop().now_ns() + kLinger;
}

void Connection::discard() {
    close_now();
}

void Connection::admitted(Admission::Result result) {
    tls_ = std::move(result.session);
    presented_ = std::move(result.presented);
    verified_ = std::move(result.verified);
    identity_ = std::move(result.identity);
    sni_ = std::move(result.sni);
    state_ = State::open;
    set_expiry();
    const config::Listener& settings = policy_->settings;
    http_ = std::make_unique<HttpSession>(
        static_cast<HttpOwner&>(*this),
        HttpSession::Limits{settings.max_header, settings.max_body, settings.header_timeout_ns,
                            settings.idle_timeout_ns},
        loop().now_ns());
    if (log::enabled(LogLevel::debug) || log::detailed_tls()) {
        log::write(log::detailed_tls() ? LogLevel::info : LogLevel::debug, "gate",
                   "connection admitted",
                   {{"listener", policy_->settings.name},
                    {"peer", endpoint_text(peer_)},
                    {"identity", identity_.name},
                    {"tls", tls_version()},
                    {"cipher", tls_cipher()},
                    {"resumed", tls_resumed() ? "yes" : "no"}});
    }
    if (audit::enabled()) {
        audit::write(
            "gate", "connection admitted",
            {{"listener", policy_->settings.name},
             {"peer", endpoint_text(peer_)},
             {"identity", identity_.name},
             {"anchor", identity_.anchor},
             {"sha256", presented_ && presented_->size() > 0 ? to_hex(presented_->leaf().sha256)
                                                             : std::string()},
             {"resumed", tls_resumed() ? "yes" : "no"}});
    }
    later([this] {
        admission_.reset();
        // It was judged by rules, or facts, that have changed since.
        if (state_ == State::open && owner_.reviews() != reviews_at_begin_) {
            hold();
            owner_.review(*this);
        }
        // What came with the handshake's last flight.
        if (state_ == State::open) read_input();
    });
}

void Connection::refused(const Admission::Refusal& refusal) {
    std::string certificate;
    std::string subject;
    if (refusal.presented && refusal.presented->size() > 0) {
        certificate = to_hex(refusal.presented->leaf().sha256);
        subject = refusal.presented->leaf().subject_text;
    }
    const std::string peer = endpoint_text(peer_);
    const std::initializer_list<LogField> fields = {{"listener", policy_->settings.name},
                                                    {"peer", peer},
                                                    {"phase", refusal.phase},
                                                    {"reason", reason_row(refusal.reason).name},
                                                    {"plugin", refusal.plugin},
                                                    {"detail", refusal.detail},
                                                    {"sni", refusal.sni},
                                                    {"presented_subject", subject},
                                                    {"presented_sha256", certificate}};
    log::write(LogLevel::notice, "gate", "connection refused", fields);
    audit::write("gate", "connection refused", fields);
    end_reason_ = refusal.reason;
    pipeline_->close(
        {refusal.reason, wire_.bytes_in(), wire_.bytes_out(), loop().now_ns() - began_ns_});
    if (refusal.close == Admission::Refusal::Close::at_once) {
        state_ = State::closed;
        return;
    }
    state_ = State::flushing;
    closing_deadline_ns_ = loop().now_ns() + kLinger;
}

void Connection::output_added() {
    if (depth_ > 0) return;  // the turn under way sends it
    const Turn turn(*this);
}

void Connection::close_when_sent(Reason reason, std::string detail) {
    begin_close(reason, std::move(detail));
}

void Connection::begin_close(Reason reason, std::string detail) {
    if (state_ == State::closed || state_ == State::flushing || state_ == State::lingering) return;
    const bool orderly = reason == POSTERN_REASON_FINISHED ||
                         reason == POSTERN_REASON_PEER_CLOSED ||
                         reason == POSTERN_REASON_IDLE_TIMEOUT || reason == POSTERN_REASON_SHUTDOWN;
    log::write(orderly ? LogLevel::debug : LogLevel::notice, "gate", "connection closed",
               {{"listener", policy_->settings.name},
                {"peer", endpoint_text(peer_)},
                {"reason", reason_row(reason).name},
                {"identity", identity_.name},
                {"detail", detail}});
    end_reason_ = reason;
    if (reason == POSTERN_REASON_PEER_CLOSED && http_) http_->abandon();
    state_ = State::flushing;
    closing_deadline_ns_ =
        loop().now_ns() + std::min<std::uint64_t>(policy_->settings.idle_timeout_ns, 10 * kLinger);
}

void Connection::linger() {
    if (state_ == State::flushing) {
        // An end that looks orderly would make half an answer look whole.
        if (tls_ && !abrupt_) tls_->send_close_notify();
        if (!wire_.end_turn()) {
            close_now();
            return;
        }
        if (abrupt_ && !tls_) {
            const struct linger reset { .l_onoff = 1, .l_linger = 0 };
            ::setsockopt(wire_.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            close_now();
            return;
        }
        ::shutdown(wire_.fd(), SHUT_WR);
        state_ = State::lingering;
        closing_deadline_ns_ = loop().now_ns() + kLinger;
        if (end_reason_ == POSTERN_REASON_PEER_CLOSED) {
            close_now();
            return;
        }
    }
    // Read and thrown away until the peer has seen the end.
    std::array<std::uint8_t, 16 * 1024> room;
    for (int i = 0; i < kReadsPerTurn; ++i) {
        const ssize_t size = ::recv(wire_.fd(), room.data(), room.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
        lingered_bytes_ += static_cast<std::uint32_t>(std::max<ssize_t>(size, 0));
        if (size <= 0 || lingered_bytes_ > kMaxLingeredBytes) {
            close_now();
            return;
        }
    }
}

void Connection::close_now() {
    if (http_) http_->abandon();
    state_ = State::closed;
    pipeline_->close(
        {end_reason_, wire_.bytes_in(), wire_.bytes_out(), loop().now_ns() - began_ns_});
}

void Connection::request_failed(Reason reason, const std::string& detail) {
    log::write(LogLevel::notice, "gate", "request refused",
               {{"listener", policy_->settings.name},
                {"peer", endpoint_text(peer_)},
                {"identity", identity_.name},
                {"reason", reason_row(reason).name},
                {"detail", detail}});
}

void Connection::later(Task task) {
    loop().defer([weak = weak_from_this(), task = std::move(task)] {
        const auto self = weak.lock();
        if (!self || self->state_ == State::closed) return;
        const Turn turn(*self);
        task();
    });
}

void Connection::destroy_later(std::unique_ptr<Exchange> exchange) {
    if (!exchange) return;
    loop().defer([self = shared_from_this(), dying = std::shared_ptr<Exchange>(std::move(
                                                 exchange))]() mutable { dying.reset(); });
}

void Connection::run_turn(const Task& task) {
    const Turn turn(*this);
    task();
}

std::int64_t Connection::wall_seconds() const {
    return system_clock().wall_seconds();
}

}  // namespace postern::net
