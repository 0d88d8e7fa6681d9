#include "core/cli/validity.h"

#include <charconv>
#include <ctime>

#include "core/base/units.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

constexpr std::int64_t kBackdate = 5 * 60;
constexpr std::int64_t kLatestTime =
    253402300799;  // 9999-12-31T23:59:59Z, RFC 5280 section 4.1.2.5

// `text` at `at` as exactly `digits` digits.
std::optional<int> number_at(const std::string& text, std::size_t at, std::size_t digits) {
    if (text.size() < at + digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool has(const std::string& text, std::size_t at, char expected) {
    return at < text.size() && text[at] == expected;
}

// "Z" or "+02:00" at the end of an RFC 3339 time; seconds east of UTC.
std::optional<int> offset_seconds(const std::string& zone) {
    if (zone == "Z" || zone == "z") return 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':')
        return std::nullopt;
    const auto hours = number_at(zone, 1, 2);
    const auto minutes = number_at(zone, 4, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const int seconds = (*hours * 60 + *minutes) * 60;
    return zone[0] == '-' ? -seconds : seconds;
}

std::optional<std::int64_t> seconds_since_epoch(const std::string& text) {
    const auto year = number_at(text, 0, 4), month = number_at(text, 5, 2);
    const auto day = number_at(text, 8, 2), hour = number_at(text, 11, 2);
    const auto minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (!has(text, 4, '-') || !has(text, 7, '-') || !(has(text, 10, 'T') || has(text, 10, 't')) ||
        !has(text, 13, ':') || !has(text, 16, ':'))
        return std::nullopt;
    const auto east = offset_seconds(text.substr(19));
    if (!east || *year < 1950) return std::nullopt;

    std::tm given{};
    given.tm_year = *year - 1900;
    given.tm_mon = *month - 1;
    given.tm_mday = *day;
    given.tm_hour = *hour;
    given.tm_min = *minute;
    given.tm_sec = *second;
    std::tm normal = given;
    const auto seconds = timegm(&normal);
    // timegm turns 30 February into 2 March instead of refusing it.
    if (normal.tm_mon != given.tm_mon || normal.tm_mday != given.tm_mday ||
        normal.tm_hour != given.tm_hour || normal.tm_min != given.tm_min ||
        normal.tm_sec != given.tm_sec)
        return std::nullopt;
    return seconds - *east;
}

Result<std::int64_t> parse_days(const std::string& text) {
    int days = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (error != std::errc() || end != text.data() + text.size() || days < 1 || days > 100000)
        return configuration_error("--days: \"" + printable(text) +
                                   "\" is not a number of days from 1 to 100000");
    return days * kDay;
}

Result<std::optional<std::int64_t>> asked_lifetime(const ValidityOptions& options) {
    if (options.days.empty() && options.validity.empty()) return std::optional<std::int64_t>();
    if (!options.days.empty() && !options.validity.empty())
        return configuration_error("--days and --validity say the same thing; give one of them");
    const auto lifetime = options.days.empty() ? parse_lifetime("--validity", options.validity)
                                               : parse_days(options.days);
    if (!lifetime) return lifetime.error();
    return std::optional<std::int64_t>(*lifetime);
}

}  // namespace

Result<std::int64_t> parse_time(const std::string& flag, const std::string& text) {
    const auto seconds = seconds_since_epoch(text);
    if (!seconds || *seconds > kLatestTime)
        return configuration_error(flag + ": \"" + printable(text) +
                                   "\" is not a time; RFC 3339 is expected, such as "
                                   "2026-11-23T10:00:00Z");
    return *seconds;
}

Result<std::int64_t> parse_lifetime(const std::string& flag, const std::string& text) {
    const auto nanoseconds = parse_duration_ns(text);
    if (!nanoseconds) return configuration_error(flag + ": " + nanoseconds.error().message);
    const auto seconds = static_cast<std::int64_t>(*nanoseconds / 1'000'000'000);
    if (seconds < 1 || seconds > 100000 * kDay)
        return configuration_error(flag + ": \"" + printable(text) +
                                   "\" is out of range; at least 1s, at most 100000d");
    return seconds;
}

Result<Validity> resolve_validity(const ValidityOptions& options, std::int64_t now,
                                  std::int64_t default_lifetime,
                                  std::optional<std::int64_t> latest_end) {
    const auto lifetime = asked_lifetime(options);
    if (!lifetime) return lifetime.error();
    if (*lifetime && !options.not_after.empty())
        return configuration_error(
            "--not-after and --days or --validity say the same thing; give one of them");

    Validity validity{now - kBackdate, 0};
    std::int64_t start = now;
    if (!options.not_before.empty()) {
        const auto time = parse_time("--not-before", options.not_before);
        if (!time) return time.error();
        validity.not_before = start = *time;
    }

    std::string flag;
    if (!options.not_after.empty()) {
        flag = "--not-after";
        const auto time = parse_time(flag, options.not_after);
        if (!time) return time.error();
        validity.not_after = *time;
    } else {
        if (*lifetime) flag = options.days.empty() ? "--validity" : "--days";
        validity.not_after = start + lifetime->value_or(default_lifetime);
    }

    if (latest_end && validity.not_after > *latest_end) {
        if (!flag.empty())
            return configuration_error(flag +
                                       ": the certificate would outlive its CA, which ends " +
                                       format_time(*latest_end));
        validity.not_after = *latest_end;
    }
    if (validity.not_after > kLatestTime)
        return configuration_error("the certificate would end after the year 9999");
    if (validity.not_after <= validity.not_before)
        return configuration_error("the validity would end, " + format_time(validity.not_after) +
                                   ", before it begins, " + format_time(validity.not_before));
    return validity;
}

}  // namespace postern::cli
