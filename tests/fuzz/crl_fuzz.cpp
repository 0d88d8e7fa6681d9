// A CRL in DER or PEM: it is read or refused, without a fault and in bounded memory; what was read
// is in the index.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "plugins/revocation/crl_index.h"
#include "plugins/revocation/crl_reader.h"
#include "plugins/revocation/malformed.h"
#include "plugins/revocation/pem_reader.h"
#include "plugins/revocation/text.h"

namespace {

using namespace postern::revocation;

struct Both final : RevokedSink {
    CrlIndex index;
    std::vector<std::vector<std::uint8_t>> serials;

    void add(const RevokedSerial& revoked) override {
        index.add(revoked);
        serials.push_back(revoked.serial.copy());
    }
};

void read(Input input) {
    Both sink;
    const CrlFacts facts = read_crl(input, sink);
    sink.index.seal();
    if (facts.entries != sink.serials.size()) std::abort();
    for (const auto& serial : sink.serials) {
        if (!sink.index.find(Bytes(serial))) std::abort();
    }
    static_cast<void>(name_text(Bytes(facts.issuer)));
}

void read_pem(Bytes bytes) {
    PemReader pem([bytes](std::uint8_t* out, std::size_t room) mutable {
        const Bytes piece = bytes.first(room);
        if (!piece.empty()) std::memcpy(out, piece.data(), piece.size());
        bytes = bytes.from(piece.size());
        return piece.size();
    });
    while (pem.next_block()) {
        read(Input([&](std::uint8_t* out, std::size_t room) { return pem.read(out, room); }));
        std::uint8_t rest[64];
        while (pem.read(rest, sizeof rest) != 0) {
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, size);
    try {
        read(Input::from_memory(bytes));
    } catch (const Malformed&) {
    }
    try {
        read_pem(bytes);
    } catch (const Malformed&) {
    }
    return 0;
}
