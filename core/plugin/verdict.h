#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/reason_table.h"
#include "core/config/configuration.h"
#include "postern/verdict.h"

namespace postern::plugin {

// Which interface a plugin is asked through.
enum class AskKind : std::uint8_t { validator, pinning, revocation, limiter };

// A plugin's verdict as copied before its call returned.
struct CopiedVerdict {
    std::uint32_t action = POSTERN_ACTION_ABSTAIN;
    std::uint32_t reason = 0;
    std::uint32_t tls_alert = 0;
    std::uint64_t delay_ns = 0;
    std::string detail;
    std::vector<postern_rev_entry> facts;
};

inline constexpr std::size_t kMaxDetail = 1024;

// Reads at most struct_size of it, kMaxDetail of the detail and `max_facts` facts. A null or
// too short verdict abstains.
[[nodiscard]] CopiedVerdict copy_verdict(const postern_verdict* theirs, std::size_t max_facts);

// What the host makes of it by the entry's settings. Whether it counts (mode) is the caller's.
struct Resolution {
    std::uint32_t action = POSTERN_ACTION_ABSTAIN;
    Reason reason = 0;
    std::uint8_t tls_alert = 0;
    std::uint64_t delay_ns = 0;
    std::string detail;
    std::vector<postern_rev_entry> facts;
    bool taken = false;   // a limiter's ALLOW or ABSTAIN: a release is owed
    bool failed = false;  // the plugin did not answer as it must
};

[[nodiscard]] Resolution resolve(const config::PipelineEntry& entry, AskKind kind, postern_rc rc,
                                 CopiedVerdict verdict, std::size_t chain_length);
[[nodiscard]] Resolution resolve_timeout(const config::PipelineEntry& entry, AskKind kind);
// By on_error: it failed, or could not be asked.
[[nodiscard]] Resolution resolve_failure(const config::PipelineEntry& entry, Reason reason,
                                         std::string detail);

}  // namespace postern::plugin
