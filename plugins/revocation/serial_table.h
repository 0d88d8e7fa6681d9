// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "postern/cpp/values.hpp"

namespace postern::revocation {

// Serials of up to Width octets, without gaps or pointers. A serial stands right-aligned, without
// the zero octet that only says "positive"; the length it had is kept, so that equal means equal
// in every octet.
template <std::size_t Width>
class SerialTable {
public:
    static constexpr std::size_t kWidth = Width;

    struct Record {
        std::array<std::uint8_t, Width> serial;
        std::array<std::uint8_t, 6> rest;  // see pack()
    };
    static_assert(sizeof(Record) == Width + 6 && alignof(Record) == 1);

    struct Rest {
        std::int64_t revoked_at;
        std::uint8_t reason;
        std::size_t length;
    };

    static Record make(sdk::Bytes magnitude, const Rest& rest) noexcept {
        Record record{};
        if (!magnitude.empty()) {
            std::memcpy(record.serial.data() + Width - magnitude.size(), magnitude.data(),
                        magnitude.size());
        }
        const std::uint64_t packed = pack(rest);
        for (std::size_t i = 0; i < record.rest.size(); ++i) {
            record.rest[i] = static_cast<std::uint8_t>(packed >> (8 * (5 - i)));
        }
        return record;
    }

    static Rest rest_of(const Record& record) noexcept {
        std::uint64_t packed = 0;
        for (const std::uint8_t byte : record.rest) packed = packed << 8 | byte;
        return Rest{static_cast<std::int64_t>(packed & kTimeMask) + kTimeBase,
                    static_cast<std::uint8_t>(packed >> 38 & 0xfu),
                    static_cast<std::size_t>(packed >> 42)};
    }

    bool empty() const noexcept { return records_.empty(); }
    std::size_t size() const noexcept { return records_.size(); }
    std::size_t memory() const noexcept {
        return records_.size() * sizeof(Record) + starts_.size() * sizeof(std::uint32_t);
    }
    void reserve(std::size_t count) { records_.reserve(count); }
    void add(const Record& record) { records_.push_back(record); }

    void seal() {
        const auto before = [](const Record& a, const Record& b) noexcept {
            return std::memcmp(&a, &b, sizeof(Record)) < 0;
        };
        if (!std::is_sorted(records_.begin(), records_.end(), before)) {
            std::sort(records_.begin(), records_.end(), before);
        }
        make_directory();
    }

    // Equal in serial and length; of several the one with the lowest reason and time.
    std::optional<Rest> find(const Record& wanted, std::size_t length) const noexcept {
        const std::uint64_t key = prefix(wanted);
        if (records_.empty() || key < least_ || key > prefix(records_.back())) return std::nullopt;
        const auto bucket = static_cast<std::size_t>((key - least_) >> shift_);
        const auto at =
            std::lower_bound(records_.begin() + static_cast<std::ptrdiff_t>(starts_[bucket]),
                             records_.begin() + static_cast<std::ptrdiff_t>(starts_[bucket + 1]),
                             wanted, [](const Record& a, const Record& b) noexcept {
                                 return std::memcmp(&a, &b, sizeof(Record)) < 0;
                             });
        if (at == records_.end() || at->serial != wanted.serial) return std::nullopt;
        const Rest rest = rest_of(*at);
        if (rest.length != length) return std::nullopt;
        return rest;
    }

private:
    static constexpr std::size_t kRecordsPerBucket = 8;
    // 1950-01-01, UTCTime's first; 38 bits reach beyond 9999-12-31, GeneralizedTime's last.
    static constexpr std::int64_t kTimeBase = -631152000;
    static constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 38) - 1;

    // 6 bits of length, 4 of reason, 38 of time: the length first, so that records sort by serial,
    // then length. Times before 1950 become 1950.
    static std::uint64_t pack(const Rest& rest) noexcept {
        const std::int64_t since = std::max<std::int64_t>(rest.revoked_at - kTimeBase, 0);
        return static_cast<std::uint64_t>(rest.length) << 42 |
               static_cast<std::uint64_t>(rest.reason & 0xfu) << 38 |
               (static_cast<std::uint64_t>(since) & kTimeMask);
    }

    static std::uint64_t prefix(const Record& record) noexcept {
        std::uint64_t out = 0;
        for (std::size_t i = 0; i < 8; ++i) out = out << 8 | record.serial[i];
        return out;
    }

    // Divides the range of prefixes into equal buckets. Serials are random or counted up, so that
    // a bucket holds few; where they are neither, the search inside one only takes longer.
    void make_directory() {
        starts_.clear();
        if (records_.empty()) return;
        least_ = prefix(records_.front());
        const std::uint64_t range = prefix(records_.back()) - least_;
        // Two at least, so that a shift of 63 is always enough.
        const std::uint64_t most = records_.size() / kRecordsPerBucket + 2;
        for (shift_ = 0; range >> shift_ >= most;) ++shift_;
        starts_.reserve(static_cast<std::size_t>(range >> shift_) + 2);
        for (std::size_t i = 0; i < records_.size(); ++i) {
            const std::uint64_t bucket = (prefix(records_[i]) - least_) >> shift_;
            while (starts_.size() <= bucket) starts_.push_back(static_cast<std::uint32_t>(i));
        }
        starts_.push_back(static_cast<std::uint32_t>(records_.size()));
    }

    std::vector<Record> records_;
    std::vector<std::uint32_t> starts_;  // of each bucket in records_, and their end
    std::uint64_t least_ = 0;
    unsigned shift_ = 0;
};

}  // namespace postern::revocation
