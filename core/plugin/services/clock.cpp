#include "core/plugin/services/clock.h"

#include "core/plugin/environment_state.h"
#include "core/plugin/host_handle.h"

namespace postern::plugin {
namespace {

std::uint64_t monotonic_ns(const postern_host* host) {
    return HostHandle::of(host).environment.clock.monotonic_ns();
}

std::int64_t wall_seconds(const postern_host* host) {
    return HostHandle::of(host).environment.clock.wall_seconds();
}

}  // namespace

const postern_clock* clock_service() {
    static const postern_clock table{sizeof(postern_clock), 0, monotonic_ns, wall_seconds};
    return &table;
}

}  // namespace postern::plugin
