#pragma once

#include <optional>

#include "core/base/result.h"
#include "core/plugin/verdict.h"
#include "postern/plugin.h"

namespace postern::plugin {

// Our copies of an instance's tables, taken once.
struct Interfaces {
    std::optional<postern_validator> validator;
    std::optional<postern_pinning> pinning;
    std::optional<postern_revocation> revocation;
    std::optional<postern_ratelimit> limiter;

    // Whether there is a function to call.
    [[nodiscard]] bool wants(std::uint32_t phase, AskKind kind) const;
};

// Asks for those the descriptor lists; ids that this host does not know belong to a newer one. The
// error says which table is missing, too short or without its required function. Main thread.
[[nodiscard]] Result<Interfaces> adopt_interfaces(const postern_descriptor& descriptor,
                                                  const postern_instance& instance);

}  // namespace postern::plugin
