#include "core/net/http_session.h"

#include <deque>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

namespace postern::net {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

// Answers as a test tells it to; remembers what it was asked.
class FakeUpstream final : public Upstream {
public:
    struct Made final : Exchange {
        explicit Made(int* counter) : gone(counter) {}
        ~Made() override { ++*gone; }
        void on_writable() override { ++writable; }
        int* gone;
        int writable = 0;
    };

    std::unique_ptr<Exchange> handle(RequestRef request, Caller&, ResponseStream& to) override {
        requests.push_back(*request);
        stream = &to;
        if (at_once) {
            HttpResponseHead head;
            head.headers.add("X-Number", std::to_string(requests.size()));
            to.head(head, 2);
            to.body("ok");
            to.finish();
            return nullptr;
        }
        auto exchange = std::make_unique<Made>(&gone);
        made = exchange.get();
        return exchange;
    }

    bool at_once = true;
    std::vector<HttpRequest> requests;
    ResponseStream* stream = nullptr;
    Made* made = nullptr;
    int gone = 0;
};

struct FakeCaller final : Caller {
    explicit FakeCaller(Loop& loop_used) : its_loop(loop_used) {}
    Loop& loop() const override { return its_loop; }
    const std::string& listener() const override { return text; }
    const Endpoint& peer() const override { return endpoint; }
    const Endpoint& local() const override { return endpoint; }
    bool uses_tls() const override { return false; }
    void run_turn(const Task& task) override { task(); }
    std::string tls_version() const override { return {}; }
    std::string tls_cipher() const override { return {}; }
    bool tls_resumed() const override { return false; }
    const std::string& sni() const override { return text; }
    tls::ChainRef chain() const override { return {}; }
    const tls::Identity& identity() const override { return who; }
    plugin::ConnectionPipeline& pipeline() override { throw std::logic_error("not asked here"); }
    bool pipeline_wants_requests() const override { return false; }
    Loop& its_loop;
    std::string text;
    Endpoint endpoint{};
    tls::Identity who;
};

struct Fixture : HttpOwner {
    Fixture() : made_loop(std::move(*Loop::create(0))), who(*made_loop) {
        session = std::make_unique<HttpSession>(
            *this, HttpSession::Limits{1024, 1000, 10 * kSecond, 600 * kSecond}, kSecond);
    }
    Caller& caller() override { return who; }
    std::shared_ptr<Upstream> entrance() override { return upstream; }
    bool may_begin() const override { return !held; }
    void output_added() override {}
    void close_when_sent(Reason reason, std::string) override { closed = reason; }
    void cut(Reason reason, std::string) override {
        was_cut = reason;
        session->abandon();
    }
    void request_failed(Reason reason, const std::string&) override { failed = reason; }
    void later(Task task) override { tasks.push_back(std::move(task)); }
    void destroy_later(std::unique_ptr<Exchange> exchange) override { exchange.reset(); }

    void run_tasks() {
        while (!tasks.empty()) {
            Task task = std::move(tasks.front());
            tasks.pop_front();
            task();
        }
    }
    void receive(std::string_view bytes) {
        session->receive(bytes, 2 * kSecond);
        run_tasks();
    }
    std::string sent() {
        std::string text(session->output());
        session->output_sent(text.size(), 2 * kSecond);
        return text;
    }

    std::unique_ptr<Loop> made_loop;
    FakeCaller who;
    std::shared_ptr<FakeUpstream> upstream = std::make_shared<FakeUpstream>();
    std::unique_ptr<HttpSession> session;
    std::deque<Task> tasks;
    bool held = false;
    Reason closed = 0;
    Reason was_cut = 0;
    Reason failed = 0;
};

constexpr std::string_view kGet = "GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_session, Fixture)

BOOST_AUTO_TEST_CASE(requests_on_one_connection_are_answered_in_turn) {
    receive(kGet);
    BOOST_TEST(sent().starts_with("HTTP/1.1 200 OK\r\n"));
    receive(kGet);
    BOOST_TEST(sent().find("X-Number: 2") != std::string::npos);
    BOOST_TEST(closed == 0u);
}

BOOST_AUTO_TEST_CASE(a_request_in_single_bytes_is_the_same_request) {
    for (const char letter : kGet) receive(std::string_view(&letter, 1));
    BOOST_TEST(upstream->requests.size() == 1u);
    BOOST_TEST(upstream->requests.front().path == "/mcp");
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_answered_in_order_and_wait_for_the_one_before) {
    upstream->at_once = false;
    receive(std::string(kGet) + std::string(kGet) + std::string(kGet));
    BOOST_TEST(upstream->requests.size() == 1u);
    upstream->at_once = true;
    upstream->stream->head({}, 1);
    upstream->stream->body("1");
    upstream->stream->finish();
    run_tasks();
    BOOST_TEST(upstream->requests.size() == 3u);
    const std::string text = sent();
    BOOST_TEST(count(text, "HTTP/1.1 200") == 3u);
    BOOST_TEST(upstream->gone == 1);
}

BOOST_AUTO_TEST_CASE(input_behind_an_open_answer_is_bounded) {
    upstream->at_once = false;
    receive(kGet);
    BOOST_TEST(session->wants_input());
    receive(std::string(64 * 1024, 'x'));
    BOOST_TEST(!session->wants_input());
}

BOOST_AUTO_TEST_CASE(a_bad_request_gets_its_status_and_the_connection_ends) {
    receive("GET /mcp HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    BOOST_TEST(sent().starts_with("HTTP/1.1 400 "));
    BOOST_TEST(closed == POSTERN_REASON_REQUEST_MALFORMED);
    receive(kGet);
    BOOST_TEST(upstream->requests.empty());
}

BOOST_AUTO_TEST_CASE(a_head_or_body_over_its_limit_is_refused) {
    receive("GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(2000, 'y'));
    BOOST_TEST(sent().starts_with("HTTP/1.1 431 "));
    BOOST_TEST(closed == POSTERN_REASON_HEADER_TOO_LARGE);
    Fixture other;
    other.receive("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n");
    BOOST_TEST(other.sent().starts_with("HTTP/1.1 413 "));
    BOOST_TEST(other.closed == POSTERN_REASON_BODY_TOO_LARGE);
}

BOOST_AUTO_TEST_CASE(an_answer_of_unknown_length_is_chunked_and_flushed_piece_by_piece) {
    upstream->at_once = false;
    receive(kGet);
    upstream->stream->head({}, std::nullopt);
    BOOST_TEST(sent().find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    upstream->stream->body("data: 1\n\n");
    BOOST_TEST(sent() == "9\r\ndata: 1\n\n\r\n");
    upstream->stream->finish();
    BOOST_TEST(sent() == "0\r\n\r\n");
    run_tasks();
    BOOST_TEST(upstream->gone == 1);
    BOOST_TEST(closed == 0u);
}

BOOST_AUTO_TEST_CASE(to_http_1_0_an_answer_of_unknown_length_ends_with_the_connection) {
    upstream->at_once = false;
    receive("GET /mcp HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
    upstream->stream->head({}, std::nullopt);
    BOOST_TEST(sent().find("chunked") == std::string::npos);
    upstream->stream->body("all");
    BOOST_TEST(sent() == "all");
    upstream->stream->finish();
    run_tasks();
    BOOST_TEST(closed == POSTERN_REASON_FINISHED);
}

BOOST_AUTO_TEST_CASE(
    an_answer_longer_than_announced_is_cut_to_length_and_a_shorter_one_cuts_the_connection) {
    upstream->at_once = false;
    receive(kGet);
    upstream->stream->head({}, 3);
    sent();
    upstream->stream->body("abcdef");
    BOOST_TEST(sent() == "abc");
    upstream->stream->finish();
    run_tasks();
    BOOST_TEST(was_cut == 0u);
    receive(kGet);
    upstream->stream->head({}, 3);
    upstream->stream->body("ab");
    upstream->stream->finish();
    BOOST_TEST(was_cut == POSTERN_REASON_UPSTREAM_MALFORMED);
}

BOOST_AUTO_TEST_CASE(a_failure_before_the_head_is_a_status_and_after_it_a_cut) {
    upstream->at_once = false;
    receive(kGet);
    upstream->stream->fail(POSTERN_REASON_UPSTREAM_UNREACHABLE, "nobody there");
    BOOST_TEST(sent().starts_with("HTTP/1.1 502 "));
    BOOST_TEST(failed == POSTERN_REASON_UPSTREAM_UNREACHABLE);
    run_tasks();
    receive(kGet);
    upstream->stream->head({}, std::nullopt);
    upstream->stream->fail(POSTERN_REASON_UPSTREAM_MALFORMED, "broke off");
    BOOST_TEST(was_cut == POSTERN_REASON_UPSTREAM_MALFORMED);
    BOOST_TEST(upstream->gone == 2);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_holds_the_source_back_until_it_has_read) {
    upstream->at_once = false;
    receive(kGet);
    upstream->stream->head({}, std::nullopt);
    upstream->stream->body(std::string(ResponseStream::kHighWater, 'x'));
    BOOST_TEST(upstream->stream->pending() >= ResponseStream::kHighWater);
    BOOST_TEST(!session->wants_input());
    BOOST_TEST(upstream->made->writable == 0);
    sent();
    BOOST_TEST(upstream->made->writable == 1);
}

BOOST_AUTO_TEST_CASE(the_body_of_head_and_304_is_never_sent) {
    receive("HEAD /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string text = sent();
    BOOST_TEST(text.ends_with("\r\n\r\n"));
    BOOST_TEST(text.find("Content-Length: 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(expect_continue_is_answered_before_the_body_comes) {
    receive(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        "Content-Length: 2\r\n\r\n");
    BOOST_TEST(sent() == "HTTP/1.1 100 Continue\r\n\r\n");
    receive("{}");
    BOOST_TEST(sent().starts_with("HTTP/1.1 200 "));
    BOOST_TEST(upstream->requests.front().body == "{}");
}

BOOST_AUTO_TEST_CASE(every_wait_has_its_deadline) {
    // For a first request: idle_timeout.
    BOOST_TEST(session->deadline_ns() == 601 * kSecond);
    // A head that has begun: header_timeout from its first byte, however it drips on.
    session->receive("GET /mcp HT", 2 * kSecond);
    session->receive("TP", 9 * kSecond);
    BOOST_TEST(session->deadline_ns() == 12 * kSecond);
    session->on_deadline();
    BOOST_TEST(closed == POSTERN_REASON_HEADER_TIMEOUT);
    BOOST_TEST(sent().starts_with("HTTP/1.1 408 "));
    BOOST_TEST(session->deadline_ns() == 0u);
    // An answer in the making has none, but output that nobody takes does.
    Fixture other;
    other.upstream->at_once = false;
    other.receive(kGet);
    BOOST_TEST(other.session->deadline_ns() == 0u);
    other.upstream->stream->head({}, std::nullopt);
    BOOST_TEST(other.session->deadline_ns() > 0u);
    other.session->on_deadline();
    BOOST_TEST(other.was_cut == POSTERN_REASON_WRITE_TIMEOUT);
}

BOOST_AUTO_TEST_CASE(a_body_that_drips_is_given_up) {
    session->receive("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n",
                     2 * kSecond);
    const std::uint64_t deadline = session->deadline_ns();
    BOOST_TEST(deadline >= 22 * kSecond);
    session->receive("x", 20 * kSecond);
    BOOST_TEST(session->deadline_ns() < deadline + kSecond);
    session->on_deadline();
    BOOST_TEST(closed == POSTERN_REASON_BODY_TIMEOUT);
}

BOOST_AUTO_TEST_CASE(draining_ends_the_connection_after_the_answer_under_way) {
    upstream->at_once = false;
    receive(kGet);
    BOOST_TEST(!session->drain());
    upstream->stream->head({}, 0);
    BOOST_TEST(sent().find("Connection: close") != std::string::npos);
    upstream->stream->finish();
    run_tasks();
    BOOST_TEST(closed == POSTERN_REASON_FINISHED);
}

BOOST_AUTO_TEST_CASE(no_request_begins_while_a_verdict_is_open) {
    held = true;
    receive(std::string(kGet) + std::string(kGet));
    BOOST_TEST(upstream->requests.empty());
    held = false;
    session->resume(3 * kSecond);
    run_tasks();
    BOOST_TEST(upstream->requests.size() == 2u);
    // One under way goes on; the next waits.
    upstream->at_once = false;
    receive(std::string(kGet) + std::string(kGet));
    held = true;
    upstream->stream->head({}, 0);
    upstream->stream->finish();
    run_tasks();
    BOOST_TEST(upstream->requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_away_cancels_its_request) {
    upstream->at_once = false;
    receive(kGet);
    session->abandon();
    BOOST_TEST(upstream->gone == 1);
    BOOST_TEST(session->output().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::net
