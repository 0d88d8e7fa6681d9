#include "core/upstream/http/exchange.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/epoll.h>

#include "core/net/http_writer.h"

namespace postern::upstream {
namespace {

constexpr std::uint32_t kServerEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint64_t kConnectTimeoutNs = 5'000'000'000;
constexpr std::uint64_t kDownNs = 5'000'000'000;
constexpr std::size_t kReadSize = 16 * 1024;
// A body up to this goes out in one piece with the head: copying it costs less than a second piece.
constexpr std::size_t kShortBody = 4 * 1024;
constexpr int kReadsPerTurn = 8;  // then the loop's other connections have their turn

bool is_idempotent(std::string_view method) {
    for (const std::string_view one : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
        if (method == one) return true;
    }
    return false;
}

}  // namespace

HttpExchange::HttpExchange(std::shared_ptr<HttpBackend> backend, net::RequestRef request,
                           net::Caller& caller, net::ResponseStream& response)
    : backend_(std::move(backend)),
      request_(std::move(request)),
      caller_(caller),
      loop_(caller.loop()),
      response_(response) {}

HttpExchange::~HttpExchange() {
    cancel_timers();
}

bool HttpExchange::start() {
    order_ = backend_->order(request_->headers.find("Mcp-Session-Id").value_or(""),
                             caller_.identity(), loop_.now_ns());
    if (backend_->request_timeout_ns > 0) {
        head_timer_ = loop_.run_at(loop_.now_ns() + backend_->request_timeout_ns, [this] {
            head_timer_ = 0;
            fail(POSTERN_REASON_UPSTREAM_TIMEOUT,
                 "no answer from " + server().authority + " within request_timeout");
        });
    }
    try_server(FromPool::yes);
    return state_ != State::done;
}

void HttpExchange::on_writable() {
    if (state_ == State::exchanging) update_interest();
}

void HttpExchange::try_server(FromPool from_pool) {
    address_at_ = 0;
    if (!write_head()) return;
    if (from_pool == FromPool::yes) {
        connection_ = backend_->pools[loop_.index()]->take(order_[order_at_], loop_.now_ns());
        pooled_ = connection_ != nullptr;
        if (pooled_) {
            connection_->set_user(*this);
            return begin_exchange();
        }
    }
    pooled_ = false;
    try_address();
}

bool HttpExchange::write_head() {
    const auto& peer = caller_.peer();
    const std::string target =
        request_->well_known == 0
            ? rewrite_target(request_->target, backend_->route_path, server().path)
            : rewrite_well_known(request_->target, request_->well_known, backend_->route_path,
                                 server().path);
    std::string client;
    if (peer.family == POSTERN_AF_INET || peer.family == POSTERN_AF_INET6) {
        client = address_text(peer);
    }
    net::RequestRewrite rewrite;
    rewrite.target = target;
    rewrite.host = server().authority;
    rewrite.forwarded_for = client;
    rewrite.forwarded_host = request_->headers.find("Host").value_or("");
    rewrite.forwarded_proto = caller_.uses_tls() ? "https" : "http";
    auto head = net::write_request_head(*request_, rewrite);
    if (!head) {
        fail(POSTERN_REASON_REQUEST_MALFORMED, head.error().message);
        return false;
    }
    head_ = std::move(*head);
    body_ = request_->body;
    if (body_.size() <= kShortBody) head_.append(std::exchange(body_, {}));
    return true;
}

void HttpExchange::try_address() {
    state_ = State::connecting;
    connection_ = backend_->connect(server(), server().addresses[address_at_], loop_, *this);
    if (!connection_) return connection_failed(std::strerror(errno));
    connect_timer_ = loop_.run_at(loop_.now_ns() + kConnectTimeoutNs, [this] {
        connect_timer_ = 0;
        connection_failed("no connection within 5s");
    });
    watch(EPOLLOUT);
}

void HttpExchange::connection_failed(const std::string& why) {
    loop_.cancel(std::exchange(connect_timer_, 0));
    if (connection_) connection_->log_refusal();
    connection_.reset();
    if (++address_at_ < server().addresses.size()) return try_address();
    server().down_until_ns.store(loop_.now_ns() + kDownNs, std::memory_order_relaxed);
    if (order_at_ + 1 == order_.size()) {
        return fail(POSTERN_REASON_UPSTREAM_UNREACHABLE,
                    "cannot connect to " + server().authority + ": " + why);
    }
    ++order_at_;
    try_server(FromPool::yes);
}

void HttpExchange::begin_exchange() {
    state_ = State::exchanging;
    sent_ = 0;
    send_failed_ = server_ended_ = false;
    reader_.emplace(request_->method == "HEAD" ? net::HasBody::no : net::HasBody::yes);
    connection_->end_turn_with_user();
}

void HttpExchange::on_turn_end() {
    if (state_ != State::exchanging) return;
    if (nothing_asked() && connection_->is_stale()) return replace_connection();
    send_request();
    update_interest();
}

void HttpExchange::on_ready(Transport&, std::uint32_t epoll_events) {
    if (state_ == State::connecting) return finish_connecting();
    // It closed, or said what nobody asked for, and is nobody's answer.
    if (nothing_asked() && (epoll_events & ~EPOLLOUT) != 0) return replace_connection();
    // One turn: head and body of a short answer leave in one record and one send.
    caller_.run_turn([this, epoll_events] {
        if ((epoll_events & EPOLLOUT) != 0 && !request_sent()) send_request();
        if ((epoll_events & kServerEnded) != 0) server_ended_ = true;
        if ((epoll_events & (EPOLLIN | kServerEnded)) != 0) read_answer();
        if (state_ == State::exchanging) update_interest();
    });
}

void HttpExchange::on_cut(Transport& transport) {
    const Reason reason = reader_ && reader_->started() ? POSTERN_REASON_UPSTREAM_MALFORMED
                                                        : POSTERN_REASON_UPSTREAM_UNREACHABLE;
    fail(reason, "the connection to " + server().authority + " was cut: " + transport.fault());
}

void HttpExchange::finish_connecting() {
    const auto opening = connection_->open();
    if (opening == Transport::Opening::connecting) return;
    loop_.cancel(std::exchange(connect_timer_, 0));
    if (opening == Transport::Opening::connected) return;
    if (opening == Transport::Opening::failed) return connection_failed(connection_->fault());
    server().down_until_ns.store(0, std::memory_order_relaxed);
    begin_exchange();
}

void HttpExchange::send_request() {
    while (!request_sent()) {
        const std::size_t head_sent = std::min(sent_, head_.size());
        const std::string_view head = std::string_view(head_).substr(head_sent);
        const std::string_view body = body_.substr(sent_ - head_sent);
        const ssize_t size =
            head.empty() ? connection_->send(body, {}) : connection_->send(head, body);
        if (size < 0) {
            // It may have answered before it closed; what comes, or does not, decides.
            send_failed_ = errno != EAGAIN && errno != EWOULDBLOCK;
            return;
        }
        sent_ += static_cast<std::size_t>(size);
    }
}

void HttpExchange::read_answer() {
    std::array<char, kReadSize> buffer;
    for (int reads = 0; reads < kReadsPerTurn && state_ == State::exchanging; ++reads) {
        if (response_.pending() > net::ResponseStream::kHighWater) return;
        const ssize_t size = connection_->receive(buffer);
        if (size > 0) {
            take_answer({buffer.data(), static_cast<std::size_t>(size)});
            // A short read emptied the socket; epoll tells when there is more.
            if (static_cast<std::size_t>(size) < buffer.size()) return;
        } else if (size == 0) {
            return input_ended(End::orderly, "it closed the connection");
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else {
            return input_ended(End::broken, connection_->fault());
        }
    }
}

void HttpExchange::take_answer(std::string_view bytes) {
    using Status = net::HttpResponseReader::Status;
    for (;;) {
        const auto step = reader_->consume(bytes);
        bytes.remove_prefix(step.consumed);
        switch (step.status) {
            case Status::need_more:
                return;
            case Status::head:
                head_arrived();
                break;
            case Status::body:
                response_.body(step.body);
                break;
            case Status::complete:
                return complete(bytes.empty());
            case Status::bad:
                return fail(POSTERN_REASON_UPSTREAM_MALFORMED,
                            "the answer of " + server().authority + ": " + reader_->fault());
        }
    }
}

void HttpExchange::input_ended(End end, const std::string& how) {
    if (!reader_->started()) {
        if (connection_->turned_away()) return connection_failed(how);
        if (may_send_again()) {
            sent_again_ = true;
            connection_.reset();
            return try_server(FromPool::no);
        }
        return fail(POSTERN_REASON_UPSTREAM_UNREACHABLE,
                    "no answer from " + server().authority + ": " + how);
    }
    if (end == End::broken) {
        return fail(POSTERN_REASON_UPSTREAM_MALFORMED,
                    "the answer of " + server().authority + " broke off: " + how);
    }
    const auto step = reader_->end_of_input();
    if (step.status == net::HttpResponseReader::Status::complete) return complete(true);
    fail(POSTERN_REASON_UPSTREAM_MALFORMED,
         "the answer of " + server().authority + ": " + reader_->fault());
}

void HttpExchange::head_arrived() {
    loop_.cancel(std::exchange(head_timer_, 0));
    if (backend_->servers.size() > 1) {
        const auto session = reader_->head().headers.find("Mcp-Session-Id");
        if (session) backend_->sessions.remember(*session, caller_.identity(), order_[order_at_]);
    }
    response_.head(reader_->head(), reader_->length());
}

void HttpExchange::complete(bool nothing_left) {
    state_ = State::done;
    cancel_timers();
    if (nothing_left && request_sent() && !server_ended_ && reader_->keep_alive()) {
        backend_->pools[loop_.index()]->put(order_[order_at_], std::move(connection_),
                                            reader_->idle_timeout_ns(), loop_);
    }
    connection_.reset();
    response_.finish();
}

void HttpExchange::fail(Reason reason, std::string detail) {
    state_ = State::done;
    cancel_timers();
    connection_.reset();
    response_.fail(reason, std::move(detail));
}

bool HttpExchange::nothing_asked() const {
    return pooled_ && sent_ == 0;
}

void HttpExchange::replace_connection() {
    connection_.reset();
    try_server(FromPool::yes);
}

bool HttpExchange::request_sent() const {
    return sent_ == head_.size() + body_.size();
}

bool HttpExchange::may_send_again() const {
    return pooled_ && !sent_again_ && (is_idempotent(request_->method) || !request_sent());
}

void HttpExchange::watch(std::uint32_t epoll_events) {
    if (auto watching = connection_->watch(epoll_events); !watching) {
        fail(POSTERN_REASON_OVERLOADED, watching.error().message);
    }
}

// While the client is behind, nothing is read and the server's own send buffer fills. Not watching
// at all then, since EPOLLHUP cannot be masked and would turn the loop in circles.
void HttpExchange::update_interest() {
    std::uint32_t events = 0;
    if (response_.pending() <= net::ResponseStream::kHighWater) events |= EPOLLIN | EPOLLRDHUP;
    if (!request_sent() && !send_failed_) events |= EPOLLOUT;
    watch(events);
}

void HttpExchange::cancel_timers() {
    loop_.cancel(std::exchange(connect_timer_, 0));
    loop_.cancel(std::exchange(head_timer_, 0));
}

}  // namespace postern::upstream
