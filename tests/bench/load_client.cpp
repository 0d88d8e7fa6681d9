// The load client. It and run.py take turns, so that the server's CPU time is read between the
// warm-up and the measured part, and its memory while the connections are open:
//   client: "warm"            script: "go"
//   client: "done {figures}"  script: end of its standard input
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>

#include "tests/bench/load_run.h"

namespace postern::bench {
namespace {

int fail(const Error& error) {
    std::cerr << "load client: " << error.message << '\n';
    return 3;
}

int run(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Result<LoadRun> load = LoadRun::make(options);
    if (!load) return fail(load.error());
    if (Result<Tally> warm = load->warm_up(); !warm) return fail(warm.error());

    std::cout << "warm" << std::endl;
    std::string line;
    if (!std::getline(std::cin, line)) return 0;
    const Result<Tally> tally = load->measure();
    if (!tally) return fail(tally.error());
    std::cout << "done {\"operations\": " << tally->operations
              << ", \"resumed\": " << tally->resumed << ", \"seconds\": " << tally->seconds
              << ", \"suite\": \"" << tally->suite << "\"}" << std::endl;
    std::getline(std::cin, line);
    return 0;
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    return postern::bench::run(postern::bench::read_client_options(argc, argv));
}
