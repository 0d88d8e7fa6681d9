#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/tls/gnutls_handle.h"
#include "tests/bench/client_connection.h"
#include "tests/bench/client_options.h"

namespace postern::bench {

struct Tally {
    std::size_t operations = 0;
    std::size_t resumed = 0;
    double seconds = 0;
    std::string suite;
};

// Drives the connections of one client on one epoll, in one thread. One operation that fails fails
// the run: a figure over refused connections would be a figure of something else.
class LoadRun {
public:
    [[nodiscard]] static Result<LoadRun> make(const ClientOptions& options);

    [[nodiscard]] Result<Tally> warm_up();
    [[nodiscard]] Result<Tally> measure();

private:
    using Clock = std::chrono::steady_clock;

    LoadRun(const ClientOptions& options, Approach approach,
            std::vector<tls::CredentialsOwner> identities, UniqueFd epoll);

    [[nodiscard]] Result<Tally> run(Work work, std::size_t operations);
    // True: the slot's operation is answered already.
    [[nodiscard]] Result<bool> start(std::size_t slot);
    [[nodiscard]] Result<bool> open(std::size_t slot);
    [[nodiscard]] Result<bool> advance(std::size_t slot);
    [[nodiscard]] Result<bool> finish(std::size_t slot);
    // Starts operation after operation from this slot until one has to wait.
    [[nodiscard]] Result<void> carry_on(std::size_t slot, Result<bool> answered);
    [[nodiscard]] Result<void> wait(Clock::time_point deadline);

    ClientOptions options_;
    Approach approach_;
    std::vector<tls::CredentialsOwner> identities_;
    UniqueFd epoll_;
    std::vector<std::optional<ClientConnection>> slots_;
    std::vector<bool> watches_write_;
    std::vector<unsigned char> ticket_;
    std::size_t next_identity_ = 0;
    Work work_ = Work::handshakes;
    std::size_t goal_ = 0;
    std::size_t started_ = 0;
    Tally tally_;
};

}  // namespace postern::bench
