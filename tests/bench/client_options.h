#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace postern::bench {

// What one operation is.
enum class Work {
    handshakes,   // a new connection with a full handshake, one request, its answer, the end
    resumptions,  // the same with the ticket of the first connection
    requests,     // one request and its answer on a connection that stays
    idle,         // a new connection with one request that then stays open
};

struct ClientOptions {
    Work work = Work::handshakes;
    std::uint16_t port = 0;
    std::size_t operations = 1000;
    std::size_t warm_up = 100;
    std::size_t connections = 16;  // at the same time; with `idle`, handshakes at the same time
    std::size_t identities = 0;    // client certificates, taken in turn; 0: none is sent
    std::string ca_certificate;
    std::string ca_key;
    std::chrono::seconds time_limit{60};  // for the warm-up and for the measured part
};

// Ends the process with a message when the command line is wrong or asks for help.
[[nodiscard]] ClientOptions read_client_options(int argc, char** argv);

}  // namespace postern::bench
