// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "crl_reader.h"
#include "serial_table.h"

namespace postern::revocation {

// The revoked serials of one CRL, sorted: about 22 bytes for one of 16 octets, found in well under
// a microsecond. Filled by one thread, then sealed; after that any thread may look up.
class CrlIndex final : public RevokedSink {
public:
    // `source_bytes`: how large the CRL is, to reserve once instead of growing.
    explicit CrlIndex(std::uint64_t source_bytes = 0) noexcept : source_bytes_(source_bytes) {}

    void add(const RevokedSerial& revoked) override;
    void seal();

    struct Found {
        std::int64_t revoked_at;
        std::uint8_t reason;
    };
    // `serial`: INTEGER's content octets.
    std::optional<Found> find(Bytes serial) const noexcept;

    std::size_t size() const noexcept;
    std::size_t memory() const noexcept;  // bytes in use

private:
    std::uint64_t source_bytes_;
    std::tuple<SerialTable<8>, SerialTable<16>, SerialTable<20>, SerialTable<kMostSerial>> tables_;
};

}  // namespace postern::revocation
