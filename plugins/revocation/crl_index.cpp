// SPDX-License-Identifier: Apache-2.0
#include "crl_index.h"

namespace postern::revocation {
namespace {

Bytes magnitude_of(Bytes serial) noexcept {
    return serial.size() > 1 && serial[0] == 0 ? serial.from(1) : serial;
}

// Calls `use` with the narrowest table that takes `width` octets.
template <class Tables, class Use>
void with_table(Tables& tables, std::size_t width, const Use& use) {
    bool done = false;
    std::apply(
        [&](auto&... table) {
            const auto attempt = [&](auto& one) {
                if (done || width > std::remove_reference_t<decltype(one)>::kWidth) return;
                done = true;
                use(one);
            };
            (attempt(table), ...);
        },
        tables);
}

}  // namespace

void CrlIndex::add(const RevokedSerial& revoked) {
    const Bytes magnitude = magnitude_of(revoked.serial);
    with_table(tables_, magnitude.size(), [&](auto& table) {
        using Table = std::remove_reference_t<decltype(table)>;
        if (table.empty() && revoked.wire_size != 0) {
            table.reserve(static_cast<std::size_t>(source_bytes_ / revoked.wire_size) + 1);
        }
        table.add(
            Table::make(magnitude, {revoked.revoked_at, revoked.reason, revoked.serial.size()}));
    });
}

void CrlIndex::seal() {
    std::apply([](auto&... table) { (table.seal(), ...); }, tables_);
}

std::optional<CrlIndex::Found> CrlIndex::find(Bytes serial) const noexcept {
    std::optional<Found> found;
    const Bytes magnitude = magnitude_of(serial);
    with_table(tables_, magnitude.size(), [&](const auto& table) {
        using Table = std::remove_cvref_t<decltype(table)>;
        // The earliest that could equal it: this length, reason 0 and the first time.
        const auto wanted = Table::make(magnitude, {INT64_MIN / 2, 0, serial.size()});
        const auto rest = table.find(wanted, serial.size());
        if (rest) found = Found{rest->revoked_at, rest->reason};
    });
    return found;
}

std::size_t CrlIndex::size() const noexcept {
    return std::apply([](const auto&... table) { return (table.size() + ...); }, tables_);
}

std::size_t CrlIndex::memory() const noexcept {
    return std::apply([](const auto&... table) { return (table.memory() + ...); }, tables_);
}

}  // namespace postern::revocation
