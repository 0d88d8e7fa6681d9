#include "core/upstream/registry.h"

#include <utility>

#include "core/config/print_upstream.h"

namespace postern::upstream {
namespace {

void append(std::string& text, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text += line + '\n';
}

// Everything that makes an upstream what it is; empty when files of its TLS may have changed, which
// only a new one reads.
std::string key_of(const std::string& listener, const config::Route& route,
                   const GateFiles& gate_files) {
    const auto* http = std::get_if<config::Http>(&route.upstream);
    if (http != nullptr && http->tls) return {};
    config::TomlWriter writer;
    writer.string("listener", listener);
    writer.string("route", route.name);
    writer.string("path", route.path);
    writer.duration("request_timeout", route.request_timeout_ns);
    config::print_upstream(writer, route.upstream);
    std::string key = writer.take();
    if (!std::holds_alternative<config::Stdio>(route.upstream)) return key;
    append(key, gate_files.hidden);
    append(key, gate_files.hidden_folders);
    append(key, gate_files.read_only);
    return key;
}

}  // namespace

Upstreams::Upstreams(Registry& registry, std::vector<net::Loop*> loops, GateFiles gate_files)
    : registry_(&registry), loops_(std::move(loops)), gate_files_(std::move(gate_files)) {}

Result<std::shared_ptr<net::Upstream>> Upstreams::get(const std::string& listener,
                                                      const config::Route& route) {
    std::string key = key_of(listener, route, gate_files_);
    auto& known = registry_->leases_;
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
    if (const auto found = known.find(key); found != known.end()) {
        leases_.push_back(found->second.lock());
        return leases_.back()->upstream;
    }
    auto made = make_upstream(listener, route,
                              {loops_, registry_->pool_, gate_files_, registry_->loader_,
                               registry_->environment_, registry_->connections_});
    if (!made) return std::move(made).error();
    leases_.push_back(
        std::make_shared<Registry::Lease>(std::move(*made), outbound_name(listener, route.name)));
    if (!key.empty()) known.emplace(std::move(key), leases_.back());
    return leases_.back()->upstream;
}

Result<void> Upstreams::start() {
    for (const auto& lease : leases_) {
        if (std::exchange(lease->started, true)) continue;
        if (auto started = lease->upstream->start(); !started) return started;
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
