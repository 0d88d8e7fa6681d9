#include "tests/bench/client_options.h"

#include <cstdlib>
#include <map>

#include <CLI/CLI.hpp>

namespace postern::bench {

ClientOptions read_client_options(int argc, char** argv) {
    const std::map<std::string, Work> works{{"handshakes", Work::handshakes},
                                            {"resumptions", Work::resumptions},
                                            {"requests", Work::requests},
                                            {"idle", Work::idle}};
    ClientOptions options;
    int seconds = 60;
    CLI::App app("Puts a bounded TLS load on a server on 127.0.0.1");
    app.add_option("work", options.work, "handshakes, resumptions, requests or idle")
        ->required()
        ->transform(CLI::Transformer(works));
    app.add_option("--port", options.port, "Of the server")->required();
    app.add_option("--operations", options.operations)->check(CLI::Range(1, 1000000));
    app.add_option("--warm-up", options.warm_up)->check(CLI::Range(1, 1000000));
    app.add_option("--connections", options.connections)->check(CLI::Range(1, 10000));
    app.add_option("--identities", options.identities, "Client certificates, each with its own key")
        ->check(CLI::Range(0, 1000000));
    app.add_option("--ca-cert", options.ca_certificate, "Issuer of the client certificates");
    app.add_option("--ca-key", options.ca_key, "Its key");
    app.add_option("--time-limit", seconds, "In seconds, for warm-up and measured part each")
        ->check(CLI::Range(1, 3600));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);
    }
    options.time_limit = std::chrono::seconds(seconds);
    return options;
}

}  // namespace postern::bench
