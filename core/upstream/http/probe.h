#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/scheduler.h"
#include "core/net/http_response_reader.h"
#include "core/upstream/http/backend.h"

namespace postern::upstream {

// One GET of a path at a server's origin, on a connection of its own: is the server well? A 2xx is,
// whatever the body. Loop thread, its end included.
class HttpProbe final : private Transport::User {
public:
    // What is wrong; empty when the server is well. It may destroy the probe.
    using Done = std::function<void(const std::string& fault)>;

    HttpProbe(const HttpBackend& backend, const HttpServer& server, std::string_view path,
              std::uint64_t timeout_ns, net::Loop& loop, Done done);
    ~HttpProbe();
    HttpProbe(const HttpProbe&) = delete;
    HttpProbe& operator=(const HttpProbe&) = delete;

    void start();  // `done` is called once, possibly inside
    // What there is to say of the connection beside `fault`.
    void log_refusal() const;

private:
    void try_address();
    void connection_failed(const std::string& why);
    void on_ready(Transport& transport, std::uint32_t epoll_events) override;
    void on_cut(Transport& transport) override;
    void send_request();
    void read_answer();
    void finish(const std::string& fault);

    const HttpBackend& backend_;
    const HttpServer& server_;
    const std::uint64_t timeout_ns_;
    net::Loop& loop_;
    const Done done_;
    const std::string request_;

    std::size_t address_at_ = 0;
    std::unique_ptr<Transport> connection_;
    bool open_ = false;
    std::size_t sent_ = 0;
    net::HttpResponseReader reader_{net::HasBody::yes};
    TimerId timer_ = 0;
};

}  // namespace postern::upstream
