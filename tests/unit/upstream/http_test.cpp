#include "core/upstream/http/http.h"

#include <future>
#include <string>

#include <boost/test/unit_test.hpp>

#include "core/net/http_head.h"
#include "tests/unit/upstream/fake_caller.h"
#include "tests/unit/upstream/fake_server.h"

using namespace postern;
using test::FakeConnection;
using test::FakeServer;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

net::RequestRef request(std::string method, std::string target, std::string body = "",
                        std::string session = "") {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.path = request.target.substr(0, request.target.find('?'));
    request.headers.add("Host", "gate.example:8443");
    if (!session.empty()) request.headers.add("Mcp-Session-Id", std::move(session));
    request.body = std::move(body);
    return std::make_shared<const net::HttpRequest>(std::move(request));
}

// An upstream on a loop of its own that runs on the test's thread.
struct Gate {
    std::unique_ptr<net::Loop> loop = std::move(net::Loop::create(0).value());
    test::FakeCaller caller{*loop};
    std::shared_ptr<net::Upstream> upstream;

    explicit Gate(std::vector<config::Url> urls, std::uint64_t timeout_ns = 0) {
        config::Http settings;
        settings.urls = std::move(urls);
        auto created = upstream::Http::create(
            settings, {"front/demo", "/mcp", timeout_ns, {loop.get()}}, std::nullopt);
        BOOST_REQUIRE(created.ok());
        upstream = std::move(*created);
        BOOST_REQUIRE(upstream->start().ok());
    }

    // Until `done` or ten seconds have passed.
    void run_until(test::FakeResponse& response, const std::function<bool()>& done) {
        response.on_change = [&] {
            if (done()) loop->stop();
        };
        bool late = false;
        const TimerId timer = loop->run_at(loop->now_ns() + 10 * kSecond, [&] {
            late = true;
            loop->stop();
        });
        if (!done()) loop->run();
        loop->cancel(timer);
        BOOST_REQUIRE(!late);
    }
};

void exchange(Gate& gate, test::FakeResponse& response, const net::RequestRef& what) {
    std::unique_ptr<net::Exchange> running = gate.upstream->handle(what, gate.caller, response);
    gate.run_until(response, [&] { return response.ended(); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_upstream)

BOOST_AUTO_TEST_CASE(request_and_answer_pass_with_bodies_untouched) {
    std::string seen;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        seen = connection.read_request();
        connection.write("HTTP/1.1 404 Nope\r\nContent-Length: 3\r\nMcp-Session-Id: s\r\n\r\n{ }");
    });
    Gate gate({server.url("/srv")});
    test::FakeResponse response;
    exchange(gate, response, request("POST", "/mcp/x?y=%41", "{\"a\" : 1e400}"));
    BOOST_TEST(response.finished);
    BOOST_TEST(response.response_head.status == 404);
    BOOST_TEST(response.response_head.reason == "Nope");
    BOOST_TEST(*response.response_head.headers.find("mcp-session-id") == "s");
    BOOST_TEST(response.text == "{ }");
    BOOST_TEST(*response.length == 3u);
    BOOST_TEST(seen ==
               "POST /srv/x?y=%41 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                   "\r\nX-Forwarded-For: 192.0.0.7\r\nX-Forwarded-Host: gate.example:8443\r\n"
                   "X-Forwarded-Proto: https\r\nContent-Length: 13\r\n\r\n{\"a\" : 1e400}");
}

BOOST_AUTO_TEST_CASE(events_pass_as_they_come) {
    std::promise<void> first_seen;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        connection.read_request();
        connection.write(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            "Transfer-Encoding: chunked\r\n\r\n8\r\ndata: 1\n\r\n");
        first_seen.get_future().wait();
        connection.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    });
    Gate gate({server.url()});
    test::FakeResponse response;
    auto running = gate.upstream->handle(request("POST", "/mcp", "{}"), gate.caller, response);
    bool told = false;
    gate.run_until(response, [&] {
        if (!told && response.text == "data: 1\n") {
            told = true;
            first_seen.set_value();
        }
        return response.ended();
    });
    BOOST_TEST(response.finished);
    BOOST_TEST(response.text == "data: 1\ndata: 2\n\n");
    BOOST_TEST(!response.length.has_value());
}

BOOST_AUTO_TEST_CASE(connections_are_used_again) {
    FakeServer server(1, [&](FakeConnection& connection, int) {
        while (!connection.read_request().empty()) connection.write(kOk);
    });
    Gate gate({server.url()});
    for (int i = 0; i < 3; ++i) {
        test::FakeResponse response;
        exchange(gate, response, request("POST", "/mcp", "{}"));
        BOOST_TEST(response.text == "ok");
    }
    gate.upstream.reset();
}

BOOST_AUTO_TEST_CASE(only_what_may_be_repeated_is_sent_again) {
    for (const std::string method : {"GET", "POST"}) {
        FakeServer server(2, [&](FakeConnection& connection, int number) {
            connection.read_request();
            connection.write(kOk);
            if (number == 0) connection.read_request();  // and close without an answer
        });
        Gate gate({server.url()});
        test::FakeResponse first;
        exchange(gate, first, request(method, "/mcp"));
        test::FakeResponse second;
        exchange(gate, second, request(method, "/mcp"));
        BOOST_TEST(second.finished == (method == "GET"));
        if (method == "POST") {
            BOOST_TEST(second.reason == POSTERN_REASON_UPSTREAM_UNREACHABLE);
            test::FakeResponse third;
            exchange(gate, third, request(method, "/mcp"));
            BOOST_TEST(third.finished);
        }
        gate.upstream.reset();
    }
}

BOOST_AUTO_TEST_CASE(servers_that_cannot_be_reached_are_passed_over) {
    test::LoopbackPort closed;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        while (!connection.read_request().empty()) connection.write(kOk);
    });
    {
        Gate gate({closed.url(), server.url()});
        for (int i = 0; i < 2; ++i) {
            test::FakeResponse response;
            exchange(gate, response, request("POST", "/mcp", "{}"));
            BOOST_TEST(response.finished);
        }
    }
    Gate none({closed.url()});
    test::FakeResponse response;
    exchange(none, response, request("POST", "/mcp", "{}"));
    BOOST_TEST(response.reason == POSTERN_REASON_UPSTREAM_UNREACHABLE);
    BOOST_TEST(response.detail.find("cannot connect to 127.0.0.1") == 0u);
}

BOOST_AUTO_TEST_CASE(sessions_stay_with_their_server) {
    const auto serve = [](std::string name) {
        return [name](FakeConnection& connection, int) {
            while (!connection.read_request().empty()) {
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nMcp-Session-Id: s" +
                                 name + "\r\n\r\n" + name);
            }
        };
    };
    FakeServer a(1, serve("a"));
    FakeServer b(1, serve("b"));
    Gate gate({a.url(), b.url()});
    for (int i = 0; i < 2; ++i) {
        test::FakeResponse response;
        exchange(gate, response, request("POST", "/mcp", "{}"));
        BOOST_TEST(response.text == (i == 0 ? "a" : "b"));
    }
    for (int i = 0; i < 3; ++i) {
        test::FakeResponse response;
        exchange(gate, response, request("POST", "/mcp", "{}", "sb"));
        BOOST_TEST(response.text == "b");
    }
    gate.upstream.reset();
}

BOOST_AUTO_TEST_CASE(an_answer_must_begin_within_the_timeout) {
    std::promise<bool> closed;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        connection.read_request();
        closed.set_value(connection.closes(5000));
    });
    Gate gate({server.url()}, kSecond / 20);
    test::FakeResponse response;
    exchange(gate, response, request("POST", "/mcp", "{}"));
    BOOST_TEST(response.reason == POSTERN_REASON_UPSTREAM_TIMEOUT);
    BOOST_TEST(closed.get_future().get());
}

BOOST_AUTO_TEST_CASE(broken_answers_fail) {
    for (const auto& [answer, heads] : std::initializer_list<std::pair<const char*, int>>{
             {"SMTP ready\r\n\r\n", 0},
             {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 0},
             {"HTTP/1.1 200 OK\r\nContent-Len", 0},
             {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", 1}}) {
        FakeServer server(1, [text = answer](FakeConnection& connection, int) {
            connection.read_request();
            connection.write(text);
        });
        Gate gate({server.url()});
        test::FakeResponse response;
        exchange(gate, response, request("POST", "/mcp", "{}"));
        BOOST_TEST(response.failed, answer);
        BOOST_TEST(response.reason == POSTERN_REASON_UPSTREAM_MALFORMED);
        BOOST_TEST(response.heads == heads);
    }
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_closes_the_upstream_at_once) {
    std::promise<bool> closed;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n");
        closed.set_value(connection.closes(5000));
    });
    Gate gate({server.url()});
    test::FakeResponse response;
    auto running = gate.upstream->handle(request("POST", "/mcp", "{}"), gate.caller, response);
    gate.run_until(response, [&] { return !response.text.empty(); });
    running.reset();
    BOOST_TEST(closed.get_future().get());
}

BOOST_AUTO_TEST_CASE(a_slow_client_slows_the_upstream) {
    const std::size_t size = 64 * 1024 * 1024;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\n\r\n");
        const std::string piece(1024 * 1024, 'x');
        for (std::size_t sent = 0; sent < size; sent += piece.size()) connection.write(piece);
    });
    Gate gate({server.url()});
    test::FakeResponse response;
    auto running = gate.upstream->handle(request("GET", "/mcp"), gate.caller, response);
    std::size_t at_pause = 0;
    // Takes nothing above the high water until the next timer, again and again.
    response.on_change = [&] {
        if (response.ended()) return gate.loop->stop();
        response.waiting = response.text.size() - at_pause;
        if (response.waiting <= net::ResponseStream::kHighWater) return;
        gate.loop->run_at(gate.loop->now_ns(), [&] {
            BOOST_TEST(response.waiting < net::ResponseStream::kHighWater + 64 * 1024);
            at_pause = response.text.size();
            response.waiting = 0;
            running->on_writable();
        });
    };
    gate.loop->run_at(gate.loop->now_ns() + 30 * kSecond, [&] { gate.loop->stop(); });
    gate.loop->run();
    BOOST_TEST(response.finished);
    BOOST_TEST(response.text.size() == size);
}

BOOST_AUTO_TEST_CASE(large_requests_are_sent_whole) {
    std::string seen;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        seen = connection.read_request();
        connection.write(kOk);
    });
    Gate gate({server.url()});
    test::FakeResponse response;
    exchange(gate, response, request("POST", "/mcp", std::string(8 * 1024 * 1024, 'y')));
    BOOST_TEST(response.finished);
    BOOST_TEST(seen.size() > 8u * 1024 * 1024);
}

BOOST_AUTO_TEST_SUITE_END()
