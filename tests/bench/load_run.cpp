#include "tests/bench/load_run.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/epoll.h>

#include "tests/bench/client_identity.h"

namespace postern::bench {

Result<LoadRun> LoadRun::make(const ClientOptions& options) {
    Result<Approach> approach = make_approach(options.port);
    if (!approach) return approach.error();
    Result<std::vector<tls::CredentialsOwner>> identities =
        issue_identities(options.identities, options.ca_certificate, options.ca_key);
    if (!identities) return identities.error();
    UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return internal_error(std::string("epoll_create1: ") + std::strerror(errno));
    return LoadRun(options, std::move(*approach), std::move(*identities), std::move(epoll));
}

LoadRun::LoadRun(const ClientOptions& options, Approach approach,
                 std::vector<tls::CredentialsOwner> identities, UniqueFd epoll)
    : options_(options),
      approach_(std::move(approach)),
      identities_(std::move(identities)),
      epoll_(std::move(epoll)),
      slots_(options.work == Work::idle ? std::max(options.operations, options.connections)
                                        : options.connections),
      watches_write_(slots_.size()) {}

Result<Tally> LoadRun::warm_up() {
    if (options_.work == Work::resumptions) {
        Result<Tally> first = run(Work::handshakes, 1);
        if (!first) return first;
    }
    return run(options_.work == Work::idle ? Work::handshakes : options_.work, options_.warm_up);
}

Result<Tally> LoadRun::measure() {
    return run(options_.work, options_.operations);
}

Result<Tally> LoadRun::run(Work work, std::size_t operations) {
    work_ = work;
    goal_ = operations;
    started_ = 0;
    tally_ = {};
    const Clock::time_point start_time = Clock::now();
    const std::size_t at_once = std::min(options_.connections, operations);
    for (std::size_t slot = 0; slot < at_once; ++slot) {
        if (Result<void> done = carry_on(slot, start(slot)); !done) return done.error();
    }
    while (tally_.operations < goal_) {
        if (Result<void> done = wait(start_time + options_.time_limit); !done) return done.error();
    }
    tally_.seconds = std::chrono::duration<double>(Clock::now() - start_time).count();
    if (work == Work::resumptions && tally_.resumed != tally_.operations) {
        return internal_error("only " + std::to_string(tally_.resumed) + " of " +
                              std::to_string(tally_.operations) + " handshakes were resumed");
    }
    return tally_;
}

Result<bool> LoadRun::start(std::size_t slot) {
    ++started_;
    if (work_ != Work::requests || !slots_[slot]) return open(slot);
    slots_[slot]->ask_again();
    return advance(slot);
}

Result<bool> LoadRun::open(std::size_t slot) {
    static const std::vector<unsigned char> no_ticket;
    const auto& identity = identities_[next_identity_++ % identities_.size()];
    Result<ClientConnection> connection = ClientConnection::open(
        approach_, identity.get(), work_ == Work::resumptions ? ticket_ : no_ticket);
    if (!connection) return connection.error();
    slots_[slot].emplace(std::move(*connection));
    watches_write_[slot] = false;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = slot;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, slots_[slot]->fd(), &event) != 0) {
        return internal_error(std::string("epoll_ctl: ") + std::strerror(errno));
    }
    return advance(slot);
}

Result<bool> LoadRun::advance(std::size_t slot) {
    ClientConnection& connection = *slots_[slot];
    const ClientConnection::Progress progress = connection.advance();
    if (progress == ClientConnection::Progress::answered) return finish(slot);
    if (progress == ClientConnection::Progress::failed) {
        return internal_error("operation " + std::to_string(tally_.operations + 1) + " of " +
                              std::to_string(goal_) + " failed: " + connection.failure());
    }
    if (connection.wants_write() != watches_write_[slot]) {
        watches_write_[slot] = connection.wants_write();
        epoll_event event{};
        event.events = watches_write_[slot] ? EPOLLIN | EPOLLOUT : EPOLLIN;
        event.data.u64 = slot;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd(), &event);
    }
    return false;
}

Result<bool> LoadRun::finish(std::size_t slot) {
    ClientConnection& connection = *slots_[slot];
    if (tally_.operations == 0) tally_.suite = connection.suite();
    ++tally_.operations;
    if (connection.resumed()) ++tally_.resumed;
    if (options_.work == Work::resumptions && ticket_.empty()) {
        Result<std::vector<unsigned char>> ticket = connection.ticket();
        if (!ticket) return ticket.error();
        ticket_ = std::move(*ticket);
    }
    if (work_ == Work::handshakes || work_ == Work::resumptions) {
        connection.say_goodbye();
        slots_[slot].reset();  // closing it takes it out of the epoll set
    }
    return true;
}

Result<void> LoadRun::carry_on(std::size_t slot, Result<bool> answered) {
    while (answered && *answered && started_ < goal_) {
        if (work_ == Work::idle) slot = started_;  // the answered one stays open
        answered = start(slot);
    }
    if (!answered) return answered.error();
    return {};
}

Result<void> LoadRun::wait(Clock::time_point deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
        return internal_error(std::to_string(goal_ - tally_.operations) + " of " +
                              std::to_string(goal_) + " operations not answered within " +
                              std::to_string(options_.time_limit.count()) + " s");
    }
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(left));
    for (int index = 0; index < count; ++index) {
        const std::size_t slot = events[static_cast<std::size_t>(index)].data.u64;
        if (Result<void> done = carry_on(slot, advance(slot)); !done) return done;
    }
    return {};
}

}  // namespace postern::bench
