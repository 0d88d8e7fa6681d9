#include "core/net/fetch_engine.h"

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/fake_server.h"

using namespace postern;
using namespace postern::net;
using test::FakeConnection;
using test::FakeServer;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
const int kOwner = 0;

std::string url_of(const FakeServer& server, const std::string& path = "/") {
    return "http://127.0.0.1:" + std::to_string(server.port()) + path;
}

FetchJob job(std::string url, std::uint64_t within_ns = 5 * kSecond) {
    FetchJob job;
    job.owner = &kOwner;
    job.url = std::move(url);
    job.configured = true;
    job.max_bytes = 1000;
    job.deadline_ns = system_clock().monotonic_ns() + within_ns;
    return job;
}

FetchAnswer fetch(FetchEngine& engine, FetchJob what) {
    std::promise<FetchAnswer> promise;
    auto future = promise.get_future();
    what.done = [&promise](FetchAnswer answer) { promise.set_value(std::move(answer)); };
    std::uint64_t ticket = 0;
    BOOST_REQUIRE(engine.start(std::move(what), ticket) == POSTERN_OK);
    BOOST_REQUIRE(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    return future.get();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fetch_engine)

BOOST_AUTO_TEST_CASE(answers_come_whole) {
    std::string seen;
    FakeServer server(1, [&](FakeConnection& connection, int) {
        seen = connection.read_request();
        connection.write("HTTP/1.1 404 No\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nno");
    });
    FetchEngine engine(system_clock());
    FetchJob post = job(url_of(server, "/ocsp"));
    post.post = true;
    post.body = std::string("a\0b", 3);
    post.headers.emplace_back("Content-Type", "application/ocsp-request");
    const auto answer = fetch(engine, std::move(post));
    BOOST_TEST(answer.rc == POSTERN_OK);
    BOOST_TEST(answer.http_status == 404u);
    BOOST_TEST(answer.body == "no");
    BOOST_TEST(answer.headers.at(0).first == "x-one");
    BOOST_TEST(seen.find("POST /ocsp HTTP/1.1\r\n") == 0u);
    BOOST_TEST(seen.find("Content-Type: application/ocsp-request\r\n") != std::string::npos);
    BOOST_TEST(seen.substr(seen.size() - 3) == std::string("a\0b", 3));
}

BOOST_AUTO_TEST_CASE(found_urls_do_not_lead_to_loopback_unless_allowed) {
    FakeServer server(1, [](FakeConnection& connection, int) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    FetchEngine engine(system_clock());
    FetchJob found = job(url_of(server));
    found.configured = false;
    const auto refused = fetch(engine, found);
    BOOST_TEST(refused.rc == POSTERN_E_DENIED);
    BOOST_TEST(refused.error.find("add \"127.0.0.1/32\" to allowed_addresses") !=
               std::string::npos);
    found.policy = AddressPolicy({*parse_network("127.0.0.0/8")});
    BOOST_TEST(fetch(engine, found).body == "ok");
}

BOOST_AUTO_TEST_CASE(redirects_of_configured_urls_are_judged_when_they_leave_the_host) {
    FakeServer server(3, [](FakeConnection& connection, int number) {
        const std::string request = connection.read_request();
        if (number == 0) {
            connection.write("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n");
        } else if (number == 1) {
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
        } else {
            connection.write(
                "HTTP/1.1 302 Found\r\nLocation: http://localhost:9/\r\n"
                "Content-Length: 0\r\n\r\n");
        }
    });
    FetchEngine engine(system_clock());
    BOOST_TEST(fetch(engine, job(url_of(server))).body == "next");
    const auto refused = fetch(engine, job(url_of(server)));
    BOOST_TEST(refused.rc == POSTERN_E_DENIED);
    BOOST_TEST(refused.error.find("is loopback") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(redirects_are_bounded_and_keep_to_http) {
    FakeServer server(6, [](FakeConnection& connection, int) {
        connection.read_request();
        connection.write("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
    });
    FetchEngine engine(system_clock());
    BOOST_TEST(fetch(engine, job(url_of(server))).error == "more than 5 redirects");
    FakeServer to_file(1, [](FakeConnection& connection, int) {
        connection.read_request();
        connection.write(
            "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
    });
    BOOST_TEST(fetch(engine, job(url_of(to_file))).rc == POSTERN_E_DENIED);
    BOOST_TEST(fetch(engine, job("ftp://127.0.0.1/")).rc == POSTERN_E_DENIED);
    BOOST_TEST(fetch(engine, job("not a url")).rc == POSTERN_E_DENIED);
}

BOOST_AUTO_TEST_CASE(a_dripping_server_is_cut_by_the_deadline) {
    FakeServer server(1, [](FakeConnection& connection, int) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while (!connection.closes(20)) connection.write("x");
    });
    FetchEngine engine(system_clock());
    const auto answer = fetch(engine, job(url_of(server), kSecond / 5));
    BOOST_TEST(answer.rc == POSTERN_E_TIMEOUT);
    BOOST_TEST(answer.body.empty());
}

BOOST_AUTO_TEST_CASE(an_answer_above_the_bound_is_cut) {
    for (const auto* head :
         {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"}) {
        FakeServer server(1, [head](FakeConnection& connection, int) {
            connection.read_request();
            connection.write(head + std::string(5000, 'x'));
        });
        FetchEngine engine(system_clock());
        BOOST_TEST(fetch(engine, job(url_of(server))).error ==
                   "the answer is larger than 1000 bytes");
    }
}

BOOST_AUTO_TEST_CASE(jobs_are_bounded_for_each_owner_and_end_once) {
    std::promise<void> release;
    auto released = release.get_future().share();
    FakeServer server(1, [&](FakeConnection& connection, int) {
        connection.read_request();
        released.wait();
    });
    std::atomic<int> stale{0};
    {
        FetchEngine engine(system_clock());
        std::vector<std::uint64_t> tickets(FetchEngine::kMaxJobsOfOwner);
        for (auto& ticket : tickets) {
            FetchJob one = job(url_of(server));
            one.done = [&](const FetchAnswer& answer) {
                stale += answer.rc == POSTERN_E_STALE ? 1 : 100;
            };
            BOOST_TEST(engine.start(std::move(one), ticket) == POSTERN_OK);
        }
        std::uint64_t ticket = 0;
        FetchJob more = job(url_of(server));
        more.done = [](const FetchAnswer&) {};
        BOOST_TEST(engine.start(more, ticket) == POSTERN_E_BUSY);
        const int other_owner = 0;
        engine.cancel(&other_owner, tickets.front());
        engine.cancel(&kOwner, tickets.front());
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (stale == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        BOOST_TEST(stale == 1);
    }
    BOOST_TEST(stale == static_cast<int>(FetchEngine::kMaxJobsOfOwner));
    release.set_value();
}

BOOST_AUTO_TEST_SUITE_END()
