#pragma once

#include <cstdint>
#include <mutex>

#include "postern/service/log.h"

namespace postern::plugin {

// How much one instance may log: kLines in kWindow; what is more is counted. Any thread.
class LogQuota {
public:
    static constexpr std::uint32_t kLines = 200;
    static constexpr std::uint64_t kWindow = 10'000'000'000;

    struct Admission {
        bool admitted = false;
        std::uint64_t dropped = 0;  // in the window that has just ended, to be said once
    };
    [[nodiscard]] Admission admit(std::uint64_t now_ns);

private:
    std::mutex mutex_;
    std::uint64_t began_ns_ = 0;
    std::uint32_t used_ = 0;
    std::uint64_t dropped_ = 0;
};

[[nodiscard]] const postern_log* log_service();

}  // namespace postern::plugin
