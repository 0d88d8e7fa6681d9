#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "core/base/clock.h"
#include "core/net/loop.h"
#include "core/upstream/http/backend.h"

namespace postern::test {

constexpr std::uint64_t kSecond = 1'000'000'000;

// A loop on the test's thread and the servers of an upstream on it.
struct HealthBench {
    explicit HealthBench(const std::vector<config::Url>& urls) {
        backend->name = "front/demo";
        for (const config::Url& url : urls) {
            auto server = upstream::resolve_server(url);
            BOOST_REQUIRE(server.ok());
            backend->servers.push_back(std::move(*server));
        }
    }
    void run_until(const std::function<bool()>& done) {
        const std::uint64_t until = system_clock().monotonic_ns() + 10 * kSecond;
        bool late = false;
        std::function<void()> look = [&] {
            late = system_clock().monotonic_ns() > until;
            if (late || done()) return loop->stop();
            loop->run_at(loop->now_ns() + 1'000'000, look);
        };
        loop->post(look);
        loop->run();
        BOOST_REQUIRE(!late);
    }

    std::unique_ptr<net::Loop> loop = std::move(net::Loop::create(0).value());
    std::shared_ptr<upstream::HttpBackend> backend = std::make_shared<upstream::HttpBackend>();
};

}  // namespace postern::test
