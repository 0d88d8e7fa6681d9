#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "core/base/clock.h"
#include "core/upstream/http/tls_connection.h"
#include "tests/unit/plugin/bench.h"
#include "tests/unit/tls/test_pki.h"

namespace postern::upstream::test {

using tls::test::Issued;
using tls::test::Wanted;

constexpr std::uint64_t kSecond = 1'000'000'000;

// Valid as of the system's clock.
inline Issued issue_now(const std::function<void(Wanted&)>& change) {
    const std::int64_t now = system_clock().wall_seconds();
    Wanted wanted;
    wanted.common_name = "server";
    wanted.dns = {"gate.example"};
    wanted.not_before = now - tls::test::kDay;
    wanted.not_after = now + tls::test::kDay;
    change(wanted);
    return tls::test::issue(wanted);
}

// An authority, a server's certificate of it and what is needed to call that server.
struct Certificates {
    Certificates()
        : authority(issue_now([](Wanted& wanted) {
              wanted.common_name = "ca";
              wanted.dns.clear();
              wanted.ca = true;
          })),
          server(issue_now([this](Wanted& wanted) { wanted.issuer = &authority; })),
          client(issue_now([this](Wanted& wanted) {
              wanted.common_name = "client";
              wanted.issuer = &authority;
          })) {
        settings.trusted_ca = {folder.write("ca.crt", authority.pem())};
        settings.certificate = folder.write("client.crt", client.pem());
        settings.private_key = folder.write("client.key", client.key_pem());
    }

    tls::test::TemporaryFolder folder;
    Issued authority;
    Issued server;
    Issued client;
    config::ClientTls settings;
};

// A loop on the test's thread, the pipeline's surroundings, and the user of one connection.
struct Caller final : Transport::User {
    explicit Caller(const config::ClientTls& settings,
                    const std::vector<config::PipelineEntry>& entries = {},
                    const std::string& name = "gate.example") {
        auto context = tls::ClientContext::create(settings);
        if (!context) BOOST_FAIL(context.error().message);
        auto pipeline = plugin::Pipeline::build(loader, environment, entries, "upstream demo",
                                                plugin::Role::client);
        if (!pipeline) BOOST_FAIL(pipeline.error().message);
        BOOST_REQUIRE((*pipeline)->start().ok());
        server = std::make_shared<TlsServer>();
        server->context = *context;
        server->pipeline = std::move(*pipeline);
        server->name = *tls::parse_server_name(name);
        server->upstream = "demo";
    }
    ~Caller() {
        transport.reset();
        settle();
    }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    // The loop runs while pipelines retire.
    void settle() {
        server.reset();
        std::thread waiter([this] {
            environment.settle();
            loop->stop();
        });
        loop->run();
        waiter.join();
    }
    // Opens a connection to that port of the loopback address; its fault, or nothing.
    std::string connect(std::uint16_t port) {
        begin(port);
        return finish();
    }
    void begin(std::uint16_t port) {
        UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        static_cast<void>(
            ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
        transport = std::make_unique<TlsConnection>(*loop, std::move(socket), server, *this);
        BOOST_REQUIRE(transport->watch(EPOLLOUT).ok());
    }
    std::string finish() {
        auto opening = Transport::Opening::connecting;
        run_until([&](std::uint32_t) {
            opening = transport->open();
            return opening == Transport::Opening::done || opening == Transport::Opening::failed;
        });
        return opening == Transport::Opening::done ? "" : transport->fault();
    }
    void send(std::string_view text) {
        // In two pieces, as head and body are.
        std::string_view rest = text;
        const auto step = [&] {
            const ssize_t size =
                transport->send(rest.substr(0, rest.size() / 2), rest.substr(rest.size() / 2));
            BOOST_REQUIRE((size > 0 || errno == EAGAIN));
            if (size > 0) rest.remove_prefix(static_cast<std::size_t>(size));
            return rest.empty();
        };
        if (step()) return;
        BOOST_REQUIRE(transport->watch(EPOLLOUT).ok());
        run_until([&](std::uint32_t) { return step(); });
    }
    // What comes until there are `size` bytes, or the end: `end` is then what receive() said.
    std::string receive(std::size_t size) {
        std::string text;
        BOOST_REQUIRE(transport->watch(EPOLLIN | EPOLLRDHUP).ok());
        run_until([&](std::uint32_t) {
            char buffer[5000];
            end = transport->receive({buffer, std::min(sizeof buffer, size - text.size())});
            if (end > 0) text.append(buffer, static_cast<std::size_t>(end));
            return (end < 0 && errno != EAGAIN) || end == 0 || text.size() == size;
        });
        return text;
    }
    // True: the user was told of something.
    bool hears(std::uint64_t nanoseconds) {
        bool heard = false;
        const TimerId timer =
            loop->run_at(system_clock().monotonic_ns() + nanoseconds, [this] { loop->stop(); });
        on_event = [&](std::uint32_t) {
            heard = true;
            loop->stop();
        };
        loop->run();
        loop->cancel(timer);
        return heard;
    }
    void run_until(const std::function<bool(std::uint32_t)>& done) {
        bool late = false;
        const TimerId timer = loop->run_at(system_clock().monotonic_ns() + 10 * kSecond, [&] {
            late = true;
            loop->stop();
        });
        on_event = [&](std::uint32_t events) {
            if (done(events)) loop->stop();
        };
        loop->run();
        on_event = [](std::uint32_t) {};
        loop->cancel(timer);
        BOOST_REQUIRE(!late);
    }
    std::int64_t metric(const std::string& name) const {
        for (const plugin::MetricValue& value : environment.metrics())
            if (value.name == "postern_plugin_" + name) return value.value;
        return -1;
    }

    void on_ready(Transport&, std::uint32_t events) override { on_event(events); }
    void on_cut(Transport&) override { on_event(0); }

    std::unique_ptr<net::Loop> loop = std::move(net::Loop::create(0).value());
    WorkerPool pool{1, 16};
    plugin::Environment environment{system_clock(), pool, "/nonexistent/state"};
    plugin::Loader loader{POSTERN_TEST_PLUGINS};
    std::shared_ptr<TlsServer> server;
    std::unique_ptr<TlsConnection> transport;
    std::function<void(std::uint32_t)> on_event = [](std::uint32_t) {};
    ssize_t end = 0;
};

}  // namespace postern::upstream::test
