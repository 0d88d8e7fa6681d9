#include "core/upstream/http/probe.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/epoll.h>

namespace postern::upstream {
namespace {

constexpr std::uint32_t kServerEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

}  // namespace

HttpProbe::HttpProbe(const HttpBackend& backend, const HttpServer& server, std::string_view path,
                     std::uint64_t timeout_ns, net::Loop& loop, Done done)
    : backend_(backend),
      server_(server),
      timeout_ns_(timeout_ns),
      loop_(loop),
      done_(std::move(done)),
      request_("GET " + std::string(path) + " HTTP/1.1\r\nHost: " + server.authority +
               "\r\nUser-Agent: postern\r\nAccept: */*\r\nConnection: close\r\n\r\n") {}

HttpProbe::~HttpProbe() {
    loop_.cancel(timer_);
}

void HttpProbe::start() {
    timer_ = loop_.run_at(loop_.now_ns() + timeout_ns_, [this] {
        timer_ = 0;
        finish("no answer in time");
    });
    try_address();
}

void HttpProbe::log_refusal() const {
    if (connection_) connection_->log_refusal();
}

void HttpProbe::try_address() {
    open_ = false;
    connection_ = backend_.connect(server_, server_.addresses[address_at_], loop_, *this);
    if (!connection_) return connection_failed(std::strerror(errno));
    if (auto watching = connection_->watch(EPOLLOUT); !watching) finish(watching.error().message);
}

void HttpProbe::connection_failed(const std::string& why) {
    if (address_at_ + 1 == server_.addresses.size()) return finish(why);
    ++address_at_;
    try_address();
}

void HttpProbe::on_ready(Transport& transport, std::uint32_t epoll_events) {
    if (!open_) {
        const auto opening = transport.open();
        if (opening == Transport::Opening::failed) return connection_failed(transport.fault());
        if (opening != Transport::Opening::done) return;
        open_ = true;
        sent_ = 0;
    }
    if (sent_ < request_.size()) return send_request();
    if ((epoll_events & (EPOLLIN | kServerEnded)) != 0) read_answer();
}

void HttpProbe::on_cut(Transport& transport) {
    finish(transport.fault());
}

void HttpProbe::send_request() {
    while (sent_ < request_.size()) {
        const ssize_t size = connection_->send(std::string_view(request_).substr(sent_), {});
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        // After a failure what there is to read says why.
        sent_ = size < 0 ? request_.size() : sent_ + static_cast<std::size_t>(size);
    }
    const std::uint32_t events = sent_ < request_.size() ? EPOLLOUT : EPOLLIN | EPOLLRDHUP;
    if (auto watching = connection_->watch(events); !watching) finish(watching.error().message);
}

// One read a turn is plenty, and the head is all that counts.
void HttpProbe::read_answer() {
    using Status = net::HttpResponseReader::Status;
    std::array<char, 4096> buffer;
    const ssize_t size = connection_->receive(buffer);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (size < 0) return finish(connection_->fault());
    if (size == 0) return finish("it closed the connection");
    const auto step = reader_.consume({buffer.data(), static_cast<std::size_t>(size)});
    if (step.status == Status::need_more) return;
    if (step.status == Status::bad) return finish("the answer: " + reader_.fault());
    const int status = reader_.head().status;
    finish(status >= 200 && status <= 299 ? "" : "it answered " + std::to_string(status));
}

void HttpProbe::finish(const std::string& fault) {
    loop_.cancel(std::exchange(timer_, 0));
    const auto done = done_;  // this may go inside it
    done(fault);
}

}  // namespace postern::upstream
