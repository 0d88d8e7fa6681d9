// Servers that nobody here wrote: OpenSSL's and GnuTLS's own.
#include <chrono>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/unit/upstream/fake_server.h"
#include "tests/unit/upstream_tls/tls_bench.h"

extern char** environ;

using namespace postern;
using namespace postern::upstream;
using namespace postern::upstream::test;

namespace {

// A server program; gone when the test is.
class Program {
public:
    explicit Program(std::vector<std::string> words) {
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        for (const int fd : {0, 1, 2})
            posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
        if (::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0)
            pid_ = -1;
        posix_spawn_file_actions_destroy(&actions);
    }
    ~Program() {
        if (pid_ < 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    [[nodiscard]] bool runs() const { return pid_ >= 0; }

private:
    pid_t pid_ = -1;
};

std::uint16_t free_port() {
    return postern::test::LoopbackPort().number();
}

// Until it listens, ten seconds at most.
std::string connect_when_up(Caller& caller, std::uint16_t port) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string fault;
    do {
        fault = caller.connect(port);
        if (fault != "Connection refused") return fault;
        caller.transport.reset();
        caller.hears(kSecond / 50);
    } while (std::chrono::steady_clock::now() < until);
    return fault;
}

struct Files : Certificates {
    std::string ca = settings.trusted_ca.front();
    std::string certificate = folder.write("server.crt", server.pem());
    std::string key = folder.write("server.key", server.key_pem());
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_peer)

BOOST_AUTO_TEST_CASE(openssl_takes_our_certificate_and_answers) {
    const Files files;
    for (const std::string version : {"-tls1_2", "-tls1_3"}) {
        const std::uint16_t port = free_port();
        const Program program({"openssl", "s_server", "-accept", std::to_string(port), version,
                               "-cert", files.certificate, "-key", files.key, "-CAfile", files.ca,
                               "-Verify", "1", "-verify_return_error", "-rev", "-alpn",
                               "http/1.1"});
        if (!program.runs()) return;
        Caller caller(files.settings);
        BOOST_REQUIRE_EQUAL(connect_when_up(caller, port), "");
        caller.send("ping\n");
        BOOST_TEST(caller.receive(5) == "gnip\n");
        caller.transport.reset();

        // Without a certificate of ours it says so, in TLS 1.3 where the answer would be.
        config::ClientTls bare = files.settings;
        bare.certificate.clear();
        bare.private_key.clear();
        Caller nobody(bare);
        std::string fault = nobody.connect(port);
        if (fault.empty()) {
            nobody.receive(1);
            fault = nobody.transport->fault();
        }
        BOOST_TEST(fault.find("the peer sent the alert") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(gnutls_serv_echoes) {
    const Files files;
    const std::uint16_t port = free_port();
    const Program program({"gnutls-serv", "--echo", "--port", std::to_string(port),
                           "--x509certfile", files.certificate, "--x509keyfile", files.key,
                           "--x509cafile", files.ca, "--require-client-cert",
                           "--verify-client-cert"});
    if (!program.runs()) return;
    Caller caller(files.settings);
    BOOST_REQUIRE_EQUAL(connect_when_up(caller, port), "");
    caller.send("ping\n");
    BOOST_TEST(caller.receive(5) == "ping\n");
}

BOOST_AUTO_TEST_SUITE_END()
