#pragma once

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "core/net/exchange.h"

namespace postern::test {

class FakeCaller final : public net::Caller {
public:
    explicit FakeCaller(net::Loop& loop) : loop_(loop) {
        peer_.family = POSTERN_AF_INET;
        peer_.addr[0] = 192;
        peer_.addr[3] = 7;
    }
    void be_named(std::string name) { identity_.name = std::move(name); }

    net::Loop& loop() const override { return loop_; }
    const std::string& listener() const override { return listener_; }
    const Endpoint& peer() const override { return peer_; }
    const Endpoint& local() const override { return peer_; }
    bool uses_tls() const override { return true; }
    void run_turn(const Task& task) override { task(); }
    std::string tls_version() const override { return "TLS 1.3"; }
    std::string tls_cipher() const override { return "TLS_AES_128_GCM_SHA256"; }
    bool tls_resumed() const override { return false; }
    const std::string& sni() const override { return listener_; }
    tls::ChainRef chain() const override { return {}; }
    const tls::Identity& identity() const override { return identity_; }
    plugin::ConnectionPipeline& pipeline() override { std::abort(); }
    bool pipeline_wants_requests() const override { return false; }

private:
    net::Loop& loop_;
    std::string listener_ = "front";
    Endpoint peer_{};
    tls::Identity identity_;
};

// Keeps the answer; `on_change` runs after each call.
class FakeResponse final : public net::ResponseStream {
public:
    std::function<void()> on_change = [] {};

    int heads = 0;
    net::HttpResponseHead response_head;
    std::optional<std::uint64_t> length;
    std::string text;
    bool finished = false;
    bool failed = false;
    Reason reason = 0;
    std::string detail;
    std::size_t waiting = 0;

    [[nodiscard]] bool ended() const { return finished || failed; }

    void head(const net::HttpResponseHead& head, std::optional<std::uint64_t> size) override {
        ++heads;
        response_head = head;
        length = size;
        on_change();
    }
    void body(std::string_view data) override {
        text += data;
        on_change();
    }
    void finish() override {
        finished = true;
        on_change();
    }
    void fail(Reason why, std::string how) override {
        failed = true;
        reason = why;
        detail = std::move(how);
        on_change();
    }
    std::size_t pending() const override { return waiting; }
};

}  // namespace postern::test
