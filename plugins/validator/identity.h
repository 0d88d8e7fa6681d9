#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pattern.h"
#include "peer.h"
#include "subject.h"

namespace postern::validator {

// Whom an entry of a rule's `identity`, or of a group, stands for: all that is there must hold. A
// name holds when one of the certificate's names of that kind does.
struct Identity {
    std::optional<Pattern> uri;
    std::string dns;    // lower case; a label may be "*"
    std::string email;  // mailbox_key(); "*@" for any mailbox, the domain as `dns`
    std::optional<SubjectPattern> subject;
    std::optional<SubjectPattern> issuer;
    std::string issuer_key;  // SHA-256 in hexadecimal, of any authority above it
    std::string key;
    std::string certificate;
    std::string word;  // "*": whoever has a certificate; "anonymous": who has none

    [[nodiscard]] bool matches(const Peer& peer) const;
    // The one of Peer::keys() that is all there is to it, or empty.
    [[nodiscard]] std::string exact_key() const;
    // The same for the same identities; for the policy's digest.
    [[nodiscard]] std::string text() const;
};

// Adds one kind of thing to `out`: `kind` is "uri", "dns", "email", "dn", "issuer", "key" or
// "certificate". Why `value` is none, as the end of a sentence; empty: it is. Never throws but for
// memory, takes any bytes.
[[nodiscard]] std::string add_condition(Identity& out, std::string_view kind,
                                        std::string_view value);

// Many lists of identities, asked at once: which hold somebody.
class IdentityIndex {
public:
    // The list's number.
    [[nodiscard]] std::uint32_t add_list(const std::vector<Identity>& identities);

    // In order.
    [[nodiscard]] std::vector<std::uint32_t> lists_of(const Peer& peer) const;

private:
    std::uint32_t count_ = 0;
    std::unordered_map<std::string, std::vector<std::uint32_t>> exact_;
    std::vector<std::pair<Identity, std::uint32_t>> others_;
};

}  // namespace postern::validator
