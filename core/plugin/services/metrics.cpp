#include "core/plugin/services/metrics.h"

#include <algorithm>

#include "core/plugin/environment_state.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/sdk_values.h"
#include "core/plugin/services/guard.h"

namespace postern::plugin {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxHelp = 256;

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_metric_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

postern_rc define(const postern_host* host, std::uint32_t kind, postern_str name, postern_str help,
                  std::uint32_t* metric) {
    const std::string_view text = view_of(name);
    if (metric == nullptr || !is_metric_name(text)) return POSTERN_E_INVALID;
    if (kind != POSTERN_METRIC_COUNTER && kind != POSTERN_METRIC_GAUGE) return POSTERN_E_INVALID;
    HostHandle& handle = HostHandle::of(host);
    const auto made =
        handle.environment.metrics.define(kind, metric_name(handle.context.short_name, text),
                                          std::string(view_of(help).substr(0, kMaxHelp)));
    if (!made) return POSTERN_E_DENIED;
    *metric = *made;
    return POSTERN_OK;
}

void add(const postern_host* host, std::uint32_t metric, std::int64_t delta) {
    HostHandle::of(host).environment.metrics.add(metric, delta);
}

}  // namespace

MetricRegistry::MetricRegistry() : metrics_(std::make_unique<std::array<Metric, kMaxMetrics>>()) {}

std::optional<std::uint32_t> MetricRegistry::define(std::uint32_t kind, std::string name,
                                                    std::string help) {
    const std::lock_guard lock(mutex_);
    const std::uint32_t count = count_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count; ++i) {
        if ((*metrics_)[i].name != name) continue;
        return (*metrics_)[i].kind == kind ? std::optional(i + 1) : std::nullopt;
    }
    if (count == kMaxMetrics) return std::nullopt;
    Metric& metric = (*metrics_)[count];
    metric.name = std::move(name);
    metric.help = std::move(help);
    metric.kind = kind;
    count_.store(count + 1, std::memory_order_release);
    return count + 1;
}

bool MetricRegistry::add(std::uint32_t metric, std::int64_t delta) {
    if (metric == 0 || metric > count_.load(std::memory_order_acquire)) return false;
    Metric& found = (*metrics_)[metric - 1];
    if (found.kind == POSTERN_METRIC_COUNTER && delta < 0) return false;
    found.value.fetch_add(delta, std::memory_order_relaxed);
    return true;
}

std::vector<MetricValue> MetricRegistry::values() const {
    std::vector<MetricValue> values;
    const std::uint32_t count = count_.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < count; ++i) {
        const Metric& metric = (*metrics_)[i];
        values.push_back(
            {metric.name, metric.help, metric.kind, metric.value.load(std::memory_order_relaxed)});
    }
    return values;
}

std::string metric_name(std::string_view short_name, std::string_view name) {
    std::string full = "postern_plugin_";
    for (const char c : short_name) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        full += is_letter(lower) || is_digit(lower) ? lower : '_';
    }
    full += '_';
    full += name;
    return full;
}

const postern_metrics* metrics_service() {
    static const postern_metrics table{sizeof(postern_metrics), 0, guarded<define>, guarded<add>};
    return &table;
}

}  // namespace postern::plugin
