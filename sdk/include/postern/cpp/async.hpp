// SPDX-License-Identifier: Apache-2.0
//
// async.hpp - work on the host's pool, timers, and fetching. What a task throws is logged and goes
// no further.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../service/executor.h"
#include "../service/fetch.h"
#include "services.hpp"

namespace postern::sdk {

// Runs `body` where nothing may be thrown and nobody waits for an answer.
template <class Body>
void contain(Host host, const char* where, Body&& body) noexcept {
    try {
        try {
            std::forward<Body>(body)();
        } catch (const std::exception& error) {
            Log(host).error(std::string(where) + " threw: " + error.what());
        } catch (...) {
            Log(host).error(std::string(where) + " threw");
        }
    } catch (...) {
        // Not even the log line could be made.
    }
}

// Stops its task when dropped, and waits for a run under way (but for its own, so that a task may
// drop its timer). A plugin's timers must go before what their tasks use: declare them last.
class Timer {
public:
    Timer() noexcept = default;
    Timer(Timer&& other) noexcept : state_(std::move(other.state_)) {}
    Timer& operator=(Timer&& other) noexcept {
        if (this != &other) {
            stop();
            state_ = std::move(other.state_);
        }
        return *this;
    }
    ~Timer() { stop(); }

    void stop() noexcept {
        const std::shared_ptr<State> state = std::move(state_);
        if (state) state->table->cancel(state->host.raw(), state->id);
    }

private:
    friend class Executor;
    struct State : std::enable_shared_from_this<State> {
        State(Host host_, const postern_executor* table_, std::function<void()> task_)
            : host(host_), table(table_), task(std::move(task_)) {}

        static void run(void* user) noexcept {
            // Held, since the task may drop the timer.
            const std::shared_ptr<State> self = static_cast<State*>(user)->shared_from_this();
            contain(self->host, "a timer's task", self->task);
        }

        Host host;
        const postern_executor* table;
        std::function<void()> task;
        std::uint64_t id = 0;
    };

    std::shared_ptr<State> state_;
};

class Executor : public Service<postern_executor> {  // [any], from start() on
public:
    static constexpr const char* kId = POSTERN_SERVICE_EXECUTOR;

    explicit Executor(Host host) noexcept : Service(host, kId) {}

    // Once, on a pool thread. E_BUSY: the queue is full, and the task was dropped.
    postern_rc post(std::function<void()> task) const {
        auto owned = std::make_unique<Posted>(Posted{host(), std::move(task)});
        const postern_rc rc = required().post(raw(), &Posted::run, owned.get());
        if (rc == POSTERN_OK) static_cast<void>(owned.release());
        return rc;
    }

    // On a pool thread after `delay`, then every `period` (zero: once).
    [[nodiscard]] Timer after(std::chrono::nanoseconds delay, std::chrono::nanoseconds period,
                              std::function<void()> task) const {
        Timer timer;
        auto state = std::make_shared<Timer::State>(host(), &required(), std::move(task));
        check(required().after(raw(), static_cast<std::uint64_t>(delay.count()),
                               static_cast<std::uint64_t>(period.count()), &Timer::State::run,
                               state.get(), &state->id),
              "starting a timer");
        timer.state_ = std::move(state);
        return timer;
    }

private:
    struct Posted {
        Host host;
        std::function<void()> task;

        static void run(void* user) noexcept {
            const std::unique_ptr<Posted> self(static_cast<Posted*>(user));
            contain(self->host, "a posted task", self->task);
        }
    };
};

struct FetchRequest {
    std::string url;
    std::uint32_t method = POSTERN_FETCH_GET;
    bool configured = false;  // the administrator wrote this URL
    std::vector<std::uint8_t> body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string store_key;  // not empty: the body goes into the store
    std::uint64_t max_bytes = 0;
    std::uint64_t deadline_ns = 0;
};

// Valid while the callback runs.
class FetchAnswer {
public:
    FetchAnswer(postern_rc rc, const postern_fetch_response* response) noexcept
        : rc_(rc), response_(response) {}

    postern_rc rc() const noexcept { return rc_; }  // OK whatever the status
    std::uint32_t status() const noexcept { return response_->http_status; }
    Bytes body() const noexcept { return response_->body; }
    std::string_view error() const noexcept { return text(response_->error); }
    // By its name in lower case; the first of several, empty without one.
    std::string_view header(std::string_view name) const noexcept {
        for (std::size_t i = 0; i < response_->header_count; ++i) {
            if (text(response_->headers[i].key) == name) return text(response_->headers[i].value);
        }
        return {};
    }

private:
    postern_rc rc_;
    const postern_fetch_response* response_;
};

class Fetch : public Service<postern_fetch> {  // [any]
public:
    static constexpr const char* kId = POSTERN_SERVICE_FETCH;
    using Done = std::function<void(const FetchAnswer&)>;

    explicit Fetch(Host host) noexcept : Service(host, kId) {}

    // `done` runs exactly once for each OK, on a thread that must not be blocked; never inside
    // start(). `ticket`, where wanted, is for cancel().
    postern_rc start(const FetchRequest& request, Done done,
                     std::uint64_t* ticket = nullptr) const {
        std::vector<postern_kv> headers;
        for (const auto& [name, value] : request.headers) {
            headers.push_back(
                postern_kv{text(std::string_view(name)), text(std::string_view(value))});
        }
        postern_fetch_request out{};
        out.struct_size = sizeof out;
        out.method = request.method;
        out.url = text(std::string_view(request.url));
        out.configured = request.configured ? 1 : 0;
        out.body = Bytes(request.body);
        out.headers = headers.data();
        out.header_count = headers.size();
        out.store_key = text(std::string_view(request.store_key));
        out.max_bytes = request.max_bytes;
        out.deadline_ns = request.deadline_ns;

        auto owned = std::make_unique<Started>(Started{host(), std::move(done)});
        std::uint64_t unused = 0;
        const postern_rc rc = required().start(raw(), &out, &Started::run, owned.get(),
                                               ticket != nullptr ? ticket : &unused);
        if (rc == POSTERN_OK) static_cast<void>(owned.release());
        return rc;
    }
    void cancel(std::uint64_t ticket) const { required().cancel(raw(), ticket); }

private:
    struct Started {
        Host host;
        Done done;

        static void run(void* user, postern_rc rc,
                        const postern_fetch_response* response) noexcept {
            const std::unique_ptr<Started> self(static_cast<Started*>(user));
            contain(self->host, "a fetch's callback",
                    [&] { self->done(FetchAnswer(rc, response)); });
        }
    };
};

}  // namespace postern::sdk
