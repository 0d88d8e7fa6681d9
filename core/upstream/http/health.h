#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/scheduler.h"
#include "core/config/configuration.h"
#include "core/upstream/http/backend.h"
#include "core/upstream/http/probe.h"

namespace postern::upstream {

// Asks each server of an upstream at every interval whether it is well, and says so in the servers'
// records; a change goes to the log. Until the first answer a server counts as well. It belongs to
// one loop.
class HttpHealth : public std::enable_shared_from_this<HttpHealth> {
public:
    // Any thread; asks soon, on `loop`.
    [[nodiscard]] static std::shared_ptr<HttpHealth> start(std::shared_ptr<HttpBackend> backend,
                                                           const config::Health& settings,
                                                           net::Loop& loop);
    // Any thread: it goes on its loop, and its timers with it.
    static void retire(std::shared_ptr<HttpHealth> health);

    HttpHealth(std::shared_ptr<HttpBackend> backend, const config::Health& settings,
               net::Loop& loop);
    ~HttpHealth();
    HttpHealth(const HttpHealth&) = delete;
    HttpHealth& operator=(const HttpHealth&) = delete;

private:
    struct Patient {
        std::unique_ptr<HttpProbe> probe;  // while it is asked
        TimerId timer = 0;                 // until it is asked again
        std::uint64_t asked_ns = 0;
    };

    void ask(std::size_t server);
    void take_answer(std::size_t server, const std::string& fault);

    const std::shared_ptr<HttpBackend> backend_;
    const config::Health settings_;
    net::Loop& loop_;
    std::vector<Patient> patients_;  // by server
};

}  // namespace postern::upstream
