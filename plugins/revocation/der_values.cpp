// SPDX-License-Identifier: Apache-2.0
#include "der_values.h"

#include <chrono>
#include <string>

#include "malformed.h"

namespace postern::revocation {
namespace {

unsigned two_digits(Bytes text, std::size_t at) noexcept {
    return (text[at] - 0x30u) * 10u + (text[at + 1] - 0x30u);
}

bool all_digits(Bytes text) noexcept {
    for (const std::uint8_t c : text) {
        if (c < '0' || c > '9') return false;
    }
    return true;
}

}  // namespace

std::int64_t read_time(DerReader& reader, const char* what) {
    const std::uint64_t offset = reader.offset();
    const bool utc = reader.next_is(tag::kUtcTime);
    const Bytes text = reader.content(utc ? tag::kUtcTime : tag::kGeneralizedTime, what);
    const std::size_t year_digits = utc ? 2 : 4;
    const auto refuse = [&] {
        return Malformed::at(offset, std::string(what) + (utc ? ": not a time YYMMDDHHMMSSZ"
                                                              : ": not a time YYYYMMDDHHMMSSZ"));
    };
    if (text.size() != year_digits + 11 || text[year_digits + 10] != 'Z' ||
        !all_digits(text.first(year_digits + 10))) {
        throw refuse();
    }
    unsigned year = two_digits(text, 0);
    if (utc) {
        // RFC 5280, 4.1.2.5.1: "Where YY is greater than or equal to 50, the year SHALL be
        // interpreted as 19YY".
        year += year >= 50 ? 1900 : 2000;
    } else {
        year = year * 100 + two_digits(text, 2);
    }
    const Bytes rest = text.from(year_digits);
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(two_digits(rest, 0)),
                                           std::chrono::day(two_digits(rest, 2)));
    const unsigned hour = two_digits(rest, 4);
    const unsigned minute = two_digits(rest, 6);
    const unsigned second = two_digits(rest, 8);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) throw refuse();
    return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86400 +
           std::int64_t{hour} * 3600 + minute * 60 + second;
}

Bytes read_integer(DerReader& reader, const char* what) {
    const std::uint64_t offset = reader.offset();
    const Bytes content = reader.content(tag::kInteger, what);
    if (content.empty()) throw Malformed::at(offset, std::string(what) + ": an empty INTEGER");
    if (content.size() > 1 &&
        ((content[0] == 0x00 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80))) {
        throw Malformed::at(offset, std::string(what) + ": not in the fewest octets");
    }
    return content;
}

bool read_boolean(Bytes content, std::uint64_t offset, const char* what) {
    if (content.size() != 1 || (content[0] != 0x00 && content[0] != 0xff)) {
        throw Malformed::at(offset, std::string(what) + ": not a DER BOOLEAN");
    }
    return content[0] == 0xff;
}

Extension read_extension(DerReader& extensions) {
    DerReader fields = extensions.enter(tag::kSequence, "extension");
    Extension extension{};
    extension.id = fields.content(tag::kObjectIdentifier, "extension's id");
    if (fields.next_is(tag::kBoolean)) {
        const std::uint64_t offset = fields.offset();
        extension.critical =
            read_boolean(fields.content(tag::kBoolean, "critical"), offset, "extension's critical");
    }
    const Bytes value = fields.element(tag::kOctetString, "extension's value");
    fields.finish("extension");
    DerReader inner(value, fields.offset() - value.size());
    extension.value = inner.content(tag::kOctetString, "extension's value");
    extension.offset = inner.offset() - extension.value.size();
    return extension;
}

bool is_certificate_extension(Bytes id, std::uint8_t last) noexcept {
    return id.size() == 3 && id[0] == 0x55 && id[1] == 0x1d && id[2] == last;
}

}  // namespace postern::revocation
