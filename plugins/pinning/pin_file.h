#pragma once

#include <cstdint>
#include <string>

#include "pin_set.h"
#include "postern/plugin.hpp"

namespace postern::pinning {

// What may stand in a file of pins.
enum class Content { certificates, certificates_or_pins };

// The pins of one file: certificates in PEM or DER or, where allowed, lines of "sha256/…" with
// comments after '#'. Throws sdk::Error with the path and, in text, the line, for a file that is
// not regular, longer than 1 MiB, unreadable or not that. [main], or a pool thread
[[nodiscard]] PinSet read_pin_file(const sdk::X509& x509, const std::string& path, Content content);

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
