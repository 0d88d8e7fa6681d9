// SPDX-License-Identifier: Apache-2.0
#include "der_reader.h"

#include <algorithm>
#include <string>

#include "malformed.h"

namespace postern::revocation {
namespace {

// A tag, 0x84 and four octets of length: 4 GiB, far above the largest file that is read.
constexpr std::size_t kMostHeader = 6;

struct Header {
    std::size_t size;
    std::uint64_t length;
};

// `bytes` starts at the element and has kMostHeader bytes where there are so many.
Header header_of(Bytes bytes, std::uint8_t tag, std::uint64_t offset, std::uint64_t room,
                 const char* what) {
    const auto refuse = [&](const char* why) {
        return Malformed::at(offset, std::string(what) + ": " + why);
    };
    if (room == 0) throw refuse("missing");
    if (bytes.empty() || (bytes[0] == tag && bytes.size() < 2)) throw refuse("the CRL ends early");
    if (bytes[0] != tag) {
        const std::uint8_t wanted[] = {tag};
        const std::uint8_t found[] = {bytes[0]};
        throw Malformed::at(offset, std::string(what) + ": expected tag 0x" +
                                        sdk::hex(Bytes(wanted, 1)) + ", found 0x" +
                                        sdk::hex(Bytes(found, 1)));
    }
    Header header{2, bytes[1]};
    if (bytes[1] >= 0x80) {
        const std::size_t count = bytes[1] & 0x7fu;
        if (count == 0) throw refuse("an indefinite length, which DER forbids");
        if (count > kMostHeader - 2) throw refuse("its length is above 4 GiB");
        if (bytes.size() < 2 + count) throw refuse("the CRL ends early");
        header.size = 2 + count;
        header.length = 0;
        for (std::size_t i = 0; i < count; ++i) {
            header.length = header.length << 8 | bytes[2 + i];
        }
        if (bytes[2] == 0 || header.length < 0x80) {
            throw refuse("its length is not in the fewest octets");
        }
    }
    if (header.size > room || header.length > room - header.size) {
        throw refuse("it reaches beyond what encloses it");
    }
    return header;
}

}  // namespace

Bytes DerReader::content(std::uint8_t tag, const char* what) {
    const Next found = next(tag, what);
    return found.element.from(found.header_size);
}

Bytes DerReader::element(std::uint8_t tag, const char* what) {
    return next(tag, what).element;
}

DerReader DerReader::enter(std::uint8_t tag, const char* what) {
    const Next found = next(tag, what);
    return DerReader(found.element.from(found.header_size), found.offset + found.header_size);
}

void DerReader::finish(const char* what) const {
    if (!at_end()) throw Malformed::at(offset_, std::string(what) + ": bytes after its end");
}

DerReader::Next DerReader::next(std::uint8_t tag, const char* what) {
    const Header header = header_of(rest_.first(kMostHeader), tag, offset_, rest_.size(), what);
    const std::size_t size = header.size + static_cast<std::size_t>(header.length);
    const Next found{rest_.first(size), header.size, offset_};
    rest_ = rest_.from(size);
    offset_ += size;
    return found;
}

bool DerStream::next_is(std::uint8_t tag, std::uint64_t end) {
    if (offset() >= end) return false;
    const Bytes next = input_.peek_up_to(1);
    return !next.empty() && next[0] == tag;
}

std::uint64_t DerStream::enter(std::uint8_t tag, std::uint64_t end, const char* what) {
    const Header header =
        header_of(input_.peek_up_to(kMostHeader), tag, offset(), end - offset(), what);
    input_.skip(header.size);
    return offset() + header.length;
}

Bytes DerStream::element(std::uint8_t tag, std::uint64_t end, std::size_t most, const char* what) {
    const Header header =
        header_of(input_.peek_up_to(kMostHeader), tag, offset(), end - offset(), what);
    const std::uint64_t size = header.size + header.length;
    if (size > most) {
        throw Malformed::at(offset(), std::string(what) + ": " + std::to_string(size) +
                                          " bytes, more than the " + std::to_string(most) +
                                          " that are read");
    }
    const Bytes found = input_.peek(static_cast<std::size_t>(size));
    input_.skip(found.size());
    return found;
}

}  // namespace postern::revocation
