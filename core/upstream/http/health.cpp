#include "core/upstream/http/health.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"

namespace postern::upstream {

std::shared_ptr<HttpHealth> HttpHealth::start(std::shared_ptr<HttpBackend> backend,
                                              const config::Health& settings, net::Loop& loop) {
    auto health = std::make_shared<HttpHealth>(std::move(backend), settings, loop);
    loop.post([weak = std::weak_ptr(health)] {
        const auto self = weak.lock();
        for (std::size_t i = 0; self && i < self->patients_.size(); ++i) self->ask(i);
    });
    return health;
}

void HttpHealth::retire(std::shared_ptr<HttpHealth> health) {
    net::Loop& loop = health->loop_;
    // The task owns it, run or not, and is destroyed on the loop's thread or with the loop.
    loop.post([owned = std::move(health)] {});
}

HttpHealth::HttpHealth(std::shared_ptr<HttpBackend> backend, const config::Health& settings,
                       net::Loop& loop)
    : backend_(std::move(backend)),
      settings_(settings),
      loop_(loop),
      patients_(backend_->servers.size()) {}

HttpHealth::~HttpHealth() {
    for (const Patient& patient : patients_) loop_.cancel(patient.timer);
}

void HttpHealth::ask(std::size_t server) {
    Patient& patient = patients_[server];
    patient.timer = 0;
    patient.asked_ns = loop_.now_ns();
    patient.probe = std::make_unique<HttpProbe>(
        *backend_, *backend_->servers[server], settings_.path, settings_.timeout_ns, loop_,
        [this, server](const std::string& fault) { take_answer(server, fault); });
    patient.probe->start();
}

void HttpHealth::take_answer(std::size_t server, const std::string& fault) {
    Patient& patient = patients_[server];
    HttpServer& record = *backend_->servers[server];
    const bool unwell = !fault.empty();
    if (record.unwell.exchange(unwell, std::memory_order_relaxed) != unwell) {
        if (unwell) patient.probe->log_refusal();
        log::write(unwell ? LogLevel::warning : LogLevel::notice, "upstream",
                   unwell ? "server is down" : "server is back",
                   {{"upstream", backend_->name}, {"server", record.authority}, {"detail", fault}});
    }
    // What the last request met counts no longer.
    if (!unwell) record.down_until_ns.store(0, std::memory_order_relaxed);
    patient.probe.reset();
    const std::uint64_t next =
        std::max(patient.asked_ns + settings_.interval_ns, loop_.now_ns() + 1);
    patient.timer = loop_.run_at(next, [this, server] { ask(server); });
}

}  // namespace postern::upstream
