// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "der_reader.h"
#include "malformed.h"

namespace postern::revocation {
namespace {

constexpr std::size_t kMostText = 512;

// The last arcs below 2.5.4 that RFC 4514 has short names for.
std::string attribute_text(Bytes id) {
    if (id.size() == 3 && id[0] == 0x55 && id[1] == 0x04) {
        switch (id[2]) {
            case 3:
                return "CN";
            case 6:
                return "C";
            case 7:
                return "L";
            case 8:
                return "ST";
            case 10:
                return "O";
            case 11:
                return "OU";
            default:
                break;
        }
    }
    return "#" + sdk::hex(id);
}

std::string value_text(DerReader& attribute) {
    const Bytes value = attribute.content(attribute.next_tag(), "attribute's value");
    std::string out;
    for (const char c : value.characters()) {
        if (std::string_view(",+\"\\<>;=").find(c) != std::string_view::npos) out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

std::string relative_name_text(DerReader& set) {
    std::string out;
    while (!set.at_end()) {
        DerReader attribute = set.enter(tag::kSequence, "attribute");
        const Bytes id = attribute.content(tag::kObjectIdentifier, "attribute's type");
        out += (out.empty() ? "" : "+") + attribute_text(id) + "=" + value_text(attribute);
    }
    return out;
}

}  // namespace

std::string time_text(std::int64_t seconds_since_epoch) {
    namespace chrono = std::chrono;
    const chrono::sys_seconds time{chrono::seconds(seconds_since_epoch)};
    const auto days = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date(days);
    const auto second = static_cast<unsigned>((time - days).count());
    std::array<char, 40> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02u:%02u:%02uZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), second / 3600, second / 60 % 60, second % 60);
    return out.data();
}

const char* reason_text(std::uint32_t crl_reason) noexcept {
    static constexpr std::array<const char*, 11> kNames = {
        "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
        "superseded",    "cessationOfOperation", "certificateHold", "unknown",
        "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
    return crl_reason < kNames.size() ? kNames[crl_reason] : "unknown";
}

std::string name_text(Bytes name) {
    try {
        DerReader outer(name, 0);
        DerReader names = outer.enter(tag::kSequence, "Name");
        std::string out;
        while (!names.at_end()) {
            DerReader set = names.enter(tag::kSet, "RelativeDistinguishedName");
            out = relative_name_text(set) + (out.empty() ? "" : ",") + out;
        }
        if (out.size() > kMostText) out.resize(kMostText);
        return out;
    } catch (const Malformed&) {
        return "#" + sdk::hex(name.first(kMostText / 2));
    }
}

}  // namespace postern::revocation
