#include "core/base/units.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <limits>
#include <span>

#include "core/base/in_quotes.h"

namespace postern {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Largest first: formatting takes the first that divides.
constexpr std::array<Unit, 7> kDurations{{{"d", 86'400'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"m", 60'000'000'000},
                                          {"s", 1'000'000'000},
                                          {"ms", 1'000'000},
                                          {"us", 1'000},
                                          {"ns", 1}}};

// The powers of ten are read but not written.
constexpr std::array<Unit, 7> kSizes{{{"GiB", 1024 * 1024 * 1024},
                                      {"MiB", 1024 * 1024},
                                      {"KiB", 1024},
                                      {"B", 1},
                                      {"GB", 1'000'000'000},
                                      {"MB", 1'000'000},
                                      {"kB", 1'000}}};
constexpr std::size_t kSizesWritten = 4;

Result<std::uint64_t> parse(std::string_view text, std::span<const Unit> units,
                            const std::string& expected) {
    const auto refuse = [&](const char* why) {
        return configuration_error(in_quotes(text) + " " + why + "; " + expected);
    };
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return refuse("is too large");
    if (error != std::errc{}) return refuse("does not start with a whole number");
    const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
    if (name.empty()) return refuse("has no unit");
    for (const Unit& unit : units) {
        if (unit.name != name) continue;
        if (number > std::numeric_limits<std::uint64_t>::max() / unit.factor) {
            return refuse("is too large");
        }
        return number * unit.factor;
    }
    return refuse("has an unknown unit");
}

std::string format(std::uint64_t value, std::span<const Unit> units, std::string_view zero) {
    if (value == 0) return std::string(zero);
    for (const Unit& unit : units) {
        if (value % unit.factor == 0) {
            return std::to_string(value / unit.factor) + std::string(unit.name);
        }
    }
    return {};  // the last unit is 1
}

}  // namespace

Result<std::uint64_t> parse_duration_ns(std::string_view text) {
    return parse(text, kDurations, "a duration is a whole number with ms, s, m, h or d: \"3s\"");
}

Result<std::uint64_t> parse_size(std::string_view text) {
    return parse(text, kSizes,
                 "a size is a whole number with B, KiB, MiB or GiB (or kB, MB, GB): \"4MiB\"");
}

std::string format_duration(std::uint64_t nanoseconds) {
    return format(nanoseconds, kDurations, "0s");
}

std::string format_size(std::uint64_t bytes) {
    return format(bytes, std::span(kSizes).first(kSizesWritten), "0B");
}

std::string format_time(std::int64_t seconds_since_epoch) {
    const std::time_t time = seconds_since_epoch;
    std::tm parts{};
    std::array<char, 40> text{};
    if (::gmtime_r(&time, &parts) == nullptr) return "out of range";
    const std::size_t length =
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string(text.data(), length);
}

}  // namespace postern
