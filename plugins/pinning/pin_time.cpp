#include "pin_time.h"

#include <ctime>
#include <string>

#include "pin.h"

namespace postern::pinning {

namespace {

constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
    if (text.size() != kForm.size()) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool fits = kForm[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == kForm[i];
        if (!fits) return std::nullopt;
    }
    std::tm time{};
    time.tm_year = number_at(text, 0, 4) - 1900;
    time.tm_mon = number_at(text, 5, 2) - 1;
    time.tm_mday = number_at(text, 8, 2);
    time.tm_hour = number_at(text, 11, 2);
    time.tm_min = number_at(text, 14, 2);
    time.tm_sec = number_at(text, 17, 2);
    const std::int64_t seconds = ::timegm(&time);
    // timegm makes 2 March of 30 February.
    if (seconds < 0 || time_text(seconds) != text) return std::nullopt;
    return seconds;
}

std::string time_text(std::int64_t seconds_since_epoch) {
    const std::time_t seconds = seconds_since_epoch;
    std::tm time{};
    char text[32] = "";
    if (::gmtime_r(&seconds, &time) == nullptr) return std::to_string(seconds_since_epoch);
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time);
    return std::string(text, size);
}

}  // namespace postern::pinning
