#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/environment.h"
#include "postern/service/metrics.h"

namespace postern::plugin {

// Every plugin's numbers. They are touched without a lock; a metric never goes away.
class MetricRegistry {
public:
    static constexpr std::uint32_t kMaxMetrics = 1024;

    MetricRegistry();

    // The same name and kind gives the same metric. Empty: the name is taken by the other kind, or
    // there are kMaxMetrics. Any thread.
    [[nodiscard]] std::optional<std::uint32_t> define(std::uint32_t kind, std::string name,
                                                      std::string help);
    // False: no such metric, or a negative delta for a counter. Any thread.
    bool add(std::uint32_t metric, std::int64_t delta);
    [[nodiscard]] std::vector<MetricValue> values() const;

private:
    struct Metric {
        std::string name;
        std::string help;
        std::uint32_t kind = 0;
        std::atomic<std::int64_t> value{0};
    };

    std::mutex mutex_;                     // for define()
    std::atomic<std::uint32_t> count_{0};  // those below it never change but for their value
    std::unique_ptr<std::array<Metric, kMaxMetrics>> metrics_;
};

// postern_plugin_<short name>_<name>, the short name's other characters as '_'.
[[nodiscard]] std::string metric_name(std::string_view short_name, std::string_view name);

[[nodiscard]] const postern_metrics* metrics_service();

}  // namespace postern::plugin
