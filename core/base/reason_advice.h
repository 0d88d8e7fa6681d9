#pragma once

#include <span>
#include <string_view>

#include "core/base/reason_table.h"

namespace postern {

// What an administrator does about a reason: `postern explain` and the troubleshooting page say it
// in these words.
struct ReasonAdvice {
    Reason reason;
    std::string_view cause;  // the usual one
    std::string_view cure;   // what would have to change: a command to somebody
};

[[nodiscard]] std::span<const ReasonAdvice> reason_advice();
// An unknown number gets that of POSTERN_REASON_POLICY.
[[nodiscard]] const ReasonAdvice& advice_for(Reason reason);

}  // namespace postern
