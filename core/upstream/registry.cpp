#include "core/upstream/registry.h"

#include <utility>

#include "core/config/print_upstream.h"
#include "core/upstream/stdio/stdio.h"

namespace postern::upstream {
namespace {

// Everything that makes an upstream what it is; empty when files of its TLS may have changed, which
// only a new one reads.
std::string key_of(const std::string& listener, const config::Route& route) {
    const auto* http = std::get_if<config::Http>(&route.upstream);
    if (http != nullptr && http->tls) return {};
    config::TomlWriter writer;
    writer.string("listener", listener);
    writer.string("route", route.name);
    writer.string("path", route.path);
    writer.duration("request_timeout", route.request_timeout_ns);
    config::print_upstream(writer, route.upstream);
    return writer.take();
}

}  // namespace

Upstreams::Upstreams(Registry& registry, std::vector<net::Loop*> loops, GateFiles gate_files)
    : registry_(&registry), loops_(std::move(loops)), gate_files_(std::move(gate_files)) {}

Result<std::shared_ptr<net::Upstream>> Upstreams::get(const std::string& listener,
                                                      const config::Route& route) {
    std::string key = key_of(listener, route);
    auto& known = registry_->leases_;
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
    if (const auto found = known.find(key); found != known.end()) {
        if (auto taken = hand_on(found->second.lock(), route); !taken) return taken.error();
        return leases_.back()->upstream;
    }
    auto made = make_upstream(listener, route, surroundings());
    if (!made) return std::move(made).error();
    leases_.push_back(
        std::make_shared<Registry::Lease>(std::move(*made), outbound_name(listener, route.name)));
    leases_.back()->gate_files = gate_files_;
    if (!key.empty()) known.emplace(std::move(key), leases_.back());
    return leases_.back()->upstream;
}

// Sessions live on whatever else of the gate has changed. What is to be hidden from children counts
// for those that are started once this generation serves.
Result<void> Upstreams::hand_on(std::shared_ptr<Registry::Lease> lease,
                                const config::Route& route) {
    if (std::holds_alternative<config::Stdio>(route.upstream) && lease->gate_files != gate_files_) {
        auto start = make_start(route, surroundings());
        if (!start) return std::move(start).error();
        new_starts_.emplace_back(lease, std::move(*start));
    }
    leases_.push_back(std::move(lease));
    return {};
}

UpstreamSurroundings Upstreams::surroundings() const {
    return {loops_,
            registry_->pool_,
            gate_files_,
            registry_->loader_,
            registry_->environment_,
            registry_->connections_};
}

Result<void> Upstreams::start() {
    for (const auto& lease : leases_) {
        if (std::exchange(lease->started, true)) continue;
        if (auto started = lease->upstream->start(); !started) return started;
    }
    // Last, when nothing can fail any more: those of a generation that is refused would serve with
    // the one that stays, and not hide its keys.
    for (auto& [lease, start] : std::exchange(new_starts_, {})) {
        static_cast<Stdio&>(*lease->upstream).start_with(std::move(start));
        lease->gate_files = gate_files_;
    }
    return {};
}

void Upstreams::review(const std::string& outbound) {
    for (const auto& lease : leases_) {
        if (lease->outbound == outbound) lease->upstream->review();
    }
}

void Upstreams::review_all() {
    for (const auto& lease : leases_) lease->upstream->review();
}

}  // namespace postern::upstream
