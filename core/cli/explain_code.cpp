#include "core/cli/explain_code.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "core/base/nearest.h"
#include "core/base/reason_advice.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

std::optional<Reason> find(const std::string& code) {
    Reason number = 0;
    const char* const end = code.data() + code.size();
    const auto read = std::from_chars(code.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return reason_by_name(code);
    const bool known = std::any_of(reason_table().begin(), reason_table().end(),
                                   [&](const ReasonRow& row) { return row.reason == number; });
    return known ? std::optional(number) : std::nullopt;
}

std::string unknown(const std::string& code) {
    std::vector<std::string> names;
    for (const ReasonRow& row : reason_table()) names.emplace_back(row.name);
    const auto meant = nearest(code, names);
    return "\"" + printable(code) + "\" is no reason code" +
           (meant ? "; did you mean " + *meant + "?"
                  : "; they stand in the log, such as not_pinned or 300");
}

}  // namespace

Result<std::string> explain_code(const std::string& code) {
    const auto reason = find(code);
    if (!reason) return configuration_error(unknown(code));
    const ReasonRow& row = reason_row(*reason);
    std::string text = std::string(row.name) + " (" + std::to_string(row.reason) + ")\n";
    text += "meaning: " + std::string(row.sentence) + "\n";
    if (row.reason == POSTERN_REASON_NONE) return text;
    const ReasonAdvice& advice = advice_for(row.reason);
    text += "usual cause: " + std::string(advice.cause) + "\n";
    return text + "cure: " + std::string(advice.cure) + "\n";
}

std::string troubleshooting_page() {
    std::string page =
        "# Troubleshooting\n\n"
        "Every refusal has a reason, with the same name in the log and in `postern explain`. What "
        "the caller sees of it is in [refusals.md](refusals.md). `postern explain CODE` prints one "
        "entry of this page; `postern explain --config FILE --chain FILE` says what a gate makes "
        "of a certificate, plugin by plugin. This page is printed by `postern explain --page`.\n";
    for (const ReasonRow& row : reason_table()) {
        if (row.reason == POSTERN_REASON_NONE) continue;
        const ReasonAdvice& advice = advice_for(row.reason);
        page += "\n## " + std::string(row.name) + "\n\n" + std::to_string(row.reason) + ": " +
                std::string(row.sentence) + ".\n\n- Usual cause: " + std::string(advice.cause) +
                ".\n- Cure: " + std::string(advice.cure) + ".\n";
    }
    return page;
}

}  // namespace postern::cli
