#pragma once

#include <cstdint>
#include <string>

#include "pin_set.h"
#include "postern/plugin.hpp"

namespace postern::pinning {

// What must be held: the certificate itself, or its public key (or that of a CA above it).
enum class Match : std::uint8_t { certificate, public_key };

// What may stand in a file of pins.
enum class Content : std::uint8_t { certificates, certificates_or_pins };

// The pins of one file: certificates in PEM or DER, of which `match` says what is pinned, or, where
// allowed, a pin on each line (pin.h) with comments after '#'. Throws sdk::Error with the path and,
// in text, the line, for a file that is not regular, longer than 1 MiB, unreadable or not that, and
// for the pin of a key where whole certificates must match. [main], or a pool thread
[[nodiscard]] PinSet read_pin_file(const sdk::X509& x509, const std::string& path, Match match,
                                   Content content);

// The pin, where it can be what must be held; throws sdk::Error where it cannot.
[[nodiscard]] Pin fitting(Pin pin, Match match);

// When a file was last touched, as far as its directory says. Two equal stamps are the same
// content: ctime cannot be set back.
struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const Stamp& a, const Stamp& b) {
        return a.device == b.device && a.inode == b.inode && a.size == b.size &&
               a.modified_ns == b.modified_ns && a.changed_ns == b.changed_ns;
    }
};
enum class Presence { file, directory, other, absent, unknown };
// `unknown`: it cannot be told, e.g. for lack of permission.
[[nodiscard]] Presence look_at(const std::string& path, Stamp& stamp);

}  // namespace postern::pinning
