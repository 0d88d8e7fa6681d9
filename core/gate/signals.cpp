#include "core/gate/signals.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

namespace postern::gate {

Result<Signals> Signals::block() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGCHLD}) sigaddset(&set, signal);
    if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) {
        return internal_error("cannot block signals");
    }
    // A peer that is gone is an error of the write, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    UniqueFd wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!signals || !wakeup) {
        return internal_error(std::string("cannot wait for signals: ") + std::strerror(errno));
    }
    return Signals(std::move(signals), std::move(wakeup));
}

Signals::Signals(UniqueFd signals, UniqueFd wakeup)
    : signals_(std::move(signals)), wakeup_(std::move(wakeup)) {}

Signals::Event Signals::wait(std::chrono::milliseconds longest) {
    pollfd waiting[2] = {{signals_.get(), POLLIN, 0}, {wakeup_.get(), POLLIN, 0}};
    if (::poll(waiting, 2, static_cast<int>(longest.count())) <= 0) return Event::none;
    if ((waiting[1].revents & POLLIN) != 0) {
        std::uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t size = ::read(wakeup_.get(), &ignored, sizeof ignored);
        return Event::work;
    }
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
        return Event::none;
    }
    switch (info.ssi_signo) {
        case SIGHUP:
            return Event::reload;
        case SIGTERM:
        case SIGINT:
        case SIGQUIT:
            return Event::terminate;
        default:
            return Event::none;
    }
}

void Signals::wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t size = ::write(wakeup_.get(), &one, sizeof one);
}

}  // namespace postern::gate
