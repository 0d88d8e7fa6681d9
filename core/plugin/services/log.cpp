#include "core/plugin/services/log.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/log.h"
#include "core/plugin/environment_state.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/sdk_values.h"
#include "core/plugin/services/guard.h"

namespace postern::plugin {
namespace {

constexpr std::size_t kMaxFields = 16;
constexpr std::size_t kMaxText = 4096;

std::string_view bounded(postern_str text) {
    return view_of(text).substr(0, kMaxText);
}

std::uint32_t level(const postern_host*) {
    return static_cast<std::uint32_t>(log::level());
}

void write(const postern_host* host, std::uint32_t at, postern_str message,
           const postern_kv* fields, std::size_t count) {
    const auto log_level =
        static_cast<LogLevel>(std::clamp<std::uint32_t>(at, POSTERN_LOG_ERROR, POSTERN_LOG_DEBUG));
    if (!log::enabled(log_level)) return;
    HostHandle& handle = HostHandle::of(host);
    const auto admission = handle.log_quota.admit(handle.environment.clock.monotonic_ns());
    if (admission.dropped != 0) {
        log::write(LogLevel::warning, handle.log_source, "lines of this plugin were dropped",
                   {{"count", std::to_string(admission.dropped)}});
    }
    if (!admission.admitted) return;

    std::vector<LogField> copied;
    if (fields == nullptr) count = 0;
    for (std::size_t i = 0; i < std::min(count, kMaxFields); ++i) {
        copied.push_back({bounded(fields[i].key).substr(0, 64), bounded(fields[i].value)});
    }
    log::write(log_level, handle.log_source, bounded(message), copied);
}

}  // namespace

LogQuota::Admission LogQuota::admit(std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    Admission admission;
    if (now_ns - began_ns_ >= kWindow) {
        began_ns_ = now_ns;
        used_ = 0;
        admission.dropped = std::exchange(dropped_, 0);
    }
    admission.admitted = used_ < kLines;
    if (admission.admitted) ++used_;
    if (!admission.admitted) ++dropped_;
    return admission;
}

const postern_log* log_service() {
    static const postern_log table{sizeof(postern_log), 0, guarded<level>, guarded<write>};
    return &table;
}

}  // namespace postern::plugin
