#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "postern/reason.h"

namespace postern {

using Reason = std::uint32_t;  // POSTERN_REASON_*

// One row for each number in the SDK's reason.h; log, audit, metrics, explain, alerts and what a
// client is told all come from here.
struct ReasonRow {
    Reason reason;
    std::string_view name;      // stable, lower case and underscores: "not_pinned"
    std::uint8_t tls_alert;     // RFC 8446 section 6; 0: nothing is sent
    std::uint16_t http_status;  // 0: never reaches HTTP
    std::string_view sentence;  // for the administrator
};

[[nodiscard]] std::span<const ReasonRow> reason_table();
// An unknown number gets the row of POSTERN_REASON_POLICY.
[[nodiscard]] const ReasonRow& reason_row(Reason reason);
[[nodiscard]] std::optional<Reason> reason_by_name(std::string_view name);

}  // namespace postern
