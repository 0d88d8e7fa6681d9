#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "core/upstream/stdio/exchange.h"
#include "core/upstream/stdio/stdio.h"
#include "tests/unit/upstream/fake_caller.h"

namespace postern::test {

class FakeClock final : public Clock {
public:
    std::atomic<std::uint64_t> now{1'000 * config::kSecond};
    std::uint64_t monotonic_ns() const override { return now; }
    std::int64_t wall_seconds() const override { return 0; }
};

class LoopOnThread {
public:
    LoopOnThread(std::size_t index, const Clock& clock)
        : loop_(std::move(net::Loop::create(index, clock).value())),
          thread_([this] { loop_->run(); }) {}
    ~LoopOnThread() { stop(); }
    LoopOnThread(const LoopOnThread&) = delete;
    LoopOnThread& operator=(const LoopOnThread&) = delete;

    void run(const Task& task) {
        std::promise<void> done;
        loop_->post([&] {
            task();
            done.set_value();
        });
        done.get_future().wait();
    }
    void stop() {
        if (!thread_.joinable()) return;
        loop_->stop();
        thread_.join();
    }
    net::Loop& loop() { return *loop_; }

private:
    std::unique_ptr<net::Loop> loop_;
    std::thread thread_;
};

// What became of one child that the upstream started. Its functions: through Bench.
struct FakeChild {
    LoopOnThread* loop = nullptr;
    std::string identity;
    upstream::ChildEvents* events = nullptr;  // null: it has ended, or nobody listens any more
    std::vector<std::string> lines;           // what it was sent
    std::size_t queued = 0;
    bool paused = false;
    bool stopped = false;
};
using FakeChildRef = std::shared_ptr<FakeChild>;

class FakeChildHandle final : public upstream::StdioChild {
public:
    explicit FakeChildHandle(FakeChildRef child) : child_(std::move(child)) {}
    ~FakeChildHandle() override {
        child_->stopped = true;
        child_->events = nullptr;
    }
    void send(std::string line) override { child_->lines.push_back(std::move(line)); }
    std::size_t queued() const override { return child_->queued; }
    void pause() override { child_->paused = true; }
    void resume() override { child_->paused = false; }
    void stop() override { child_->stopped = true; }

private:
    FakeChildRef child_;
};

// One HTTP request and what came of it.
struct FakeCall {
    ~FakeCall() {
        if (exchange) loop->run([this] { exchange.reset(); });
    }

    LoopOnThread* loop = nullptr;
    std::unique_ptr<FakeCaller> caller;
    FakeResponse response;
    std::unique_ptr<net::Exchange> exchange;

    [[nodiscard]] std::string header(std::string_view name) const {
        return std::string(response.response_head.headers.find(name).value_or(""));
    }
    [[nodiscard]] int status() const { return response.response_head.status; }
    [[nodiscard]] bool streams() const { return header("Content-Type") == "text/event-stream"; }
};
using Call = std::unique_ptr<FakeCall>;
using Headers = std::vector<net::HttpHeader>;

// A stdio upstream with children that do as they are told, on loops whose time stands still.
class Bench {
public:
    explicit Bench(std::size_t loop_count = 1,
                   upstream::StdioBackend::Settings settings = defaults()) {
        for (std::size_t i = 0; i < loop_count; ++i) {
            loops.push_back(std::make_unique<LoopOnThread>(i, clock));
        }
        upstream = std::make_unique<upstream::Stdio>(
            std::move(settings), [this](net::Loop& loop, const upstream::ChildIdentity& identity,
                                        upstream::ChildEvents& events) {
                auto child = std::make_shared<FakeChild>();
                child->loop = loops.at(loop.index()).get();
                child->identity = identity.name;
                child->events = &events;
                children.push_back(child);
                return std::make_unique<FakeChildHandle>(child);
            });
    }
    ~Bench() {
        upstream.reset();
        settle();
        for (const auto& loop : loops) loop->stop();
    }

    static upstream::StdioBackend::Settings defaults() {
        upstream::StdioBackend::Settings settings;
        settings.route = "files";
        settings.idle_timeout_ns = 3600 * config::kSecond;
        return settings;
    }

    // Until nothing is on its way between loops any more, and answered exchanges are gone.
    void settle() {
        for (int i = 0; i < 6; ++i) {
            for (const auto& loop : loops) loop->run([] {});
        }
    }
    void advance(std::uint64_t seconds) {
        // In steps, so that timers which set others find them set.
        for (std::uint64_t i = 0; i < seconds; ++i) {
            clock.now += config::kSecond;
            settle();
        }
    }

    Call request(std::string method, std::string body, Headers headers, std::string identity = "",
                 std::size_t loop = 0) {
        auto call = std::make_unique<FakeCall>();
        call->loop = loops.at(loop).get();
        call->caller = std::make_unique<FakeCaller>(call->loop->loop());
        call->caller->be_named(std::move(identity));
        auto http = std::make_shared<net::HttpRequest>();
        http->method = std::move(method);
        http->body = std::move(body);
        for (net::HttpHeader& header : headers) http->headers.add(header.name, header.value);
        http->headers.add("Accept", "application/json, text/event-stream");
        if (!http->body.empty()) http->headers.add("Content-Type", "application/json");
        call->loop->run(
            [&] { call->exchange = upstream->handle(http, *call->caller, call->response); });
        settle();
        return call;
    }
    // The client goes, or its connection is done with the answer.
    void drop(Call& call) {
        call->loop->run([&] { call->exchange.reset(); });
        settle();
    }
    void drop(std::vector<Call>& calls) {
        for (Call& call : calls) drop(call);
    }

    void say(std::size_t child, std::string line) {
        children.at(child)->loop->run([&] {
            if (children.at(child)->events != nullptr) children.at(child)->events->on_line(line);
        });
        settle();
    }
    void die(std::size_t child, std::string why = "killed by signal 9") {
        children.at(child)->loop->run([&] {
            if (auto* events = std::exchange(children.at(child)->events, nullptr)) {
                events->on_end(why);
            }
        });
        settle();
    }

    // The one line that `child` was sent last.
    std::string last_line(std::size_t child) {
        std::string line;
        children.at(child)->loop->run([&] {
            if (!children.at(child)->lines.empty()) line = children.at(child)->lines.back();
        });
        return line;
    }

    // A session of the older era, agreed on `version`; its child is the newest.
    std::string open_session(std::string version = "2025-06-18", std::string identity = "",
                             std::size_t loop = 0) {
        Call call = request("POST", kInitialize, {}, identity, loop);
        say(children.size() - 1, R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":")" +
                                     version + R"(","capabilities":{}}})");
        BOOST_TEST(call->status() == 200);
        std::string id = call->header("Mcp-Session-Id");
        BOOST_TEST(!id.empty());
        drop(call);
        return id;
    }
    Call post(const std::string& session, std::string body, std::size_t loop = 0) {
        return request("POST", std::move(body), {{"Mcp-Session-Id", session}}, "", loop);
    }
    Call get(const std::string& session, std::string last_event_id = "") {
        Headers headers{{"Mcp-Session-Id", session}};
        if (!last_event_id.empty()) headers.push_back({"Last-Event-ID", last_event_id});
        return request("GET", "", std::move(headers));
    }

    static constexpr const char* kInitialize =
        R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})";

    FakeClock clock;
    std::vector<std::unique_ptr<LoopOnThread>> loops;
    std::vector<FakeChildRef> children;
    std::unique_ptr<upstream::Stdio> upstream;
};

inline const std::string kLogNotice =
    R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}})";

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

inline std::string tool_call(const std::string& id, const std::string& token = "") {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":"t")" +
           (token.empty() ? "" : R"(,"_meta":{"progressToken":)" + token + "}") + "}}";
}
inline std::string result(const std::string& id, const std::string& text = "ok") {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"text":")" + text + R"("}})";
}

}  // namespace postern::test
