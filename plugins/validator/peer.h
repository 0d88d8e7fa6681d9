#pragma once

#include <string>
#include <vector>

#include "postern/plugin.hpp"

namespace postern::validator {

// Who is at the other end, in the words of rules. Owns its text.
struct Peer {
    bool present = false;   // there is a certificate
    bool verified = false;  // and a chain behind it: only then its names are somebody's word
    std::vector<std::string> uris;
    std::vector<std::string> dns_names;  // lower case
    std::vector<std::string> mailboxes;  // the domain in lower case
    std::vector<std::string> subject;    // split_subject()
    std::vector<std::string> issuer;
    std::string key;                       // SHA-256 in hexadecimal
    std::string certificate;               // likewise
    std::vector<std::string> issuer_keys;  // of the authorities above it, likewise

    // "uri:…", "dns:…", "email:…", "dn:…", "key:…", "certificate:…" for each, and "*" or
    // "anonymous".
    [[nodiscard]] std::vector<std::string> keys() const;
    // For the log: its best name, as the host writes identities.
    [[nodiscard]] std::string name() const;
};

// Names of a chain that nobody verified (trust = "pin") are left out: whoever holds a pinned key
// can write any name beside it.
[[nodiscard]] Peer read_peer(sdk::Chain chain, bool verified);

[[nodiscard]] std::string lower_case(std::string_view text);      // ASCII alone
[[nodiscard]] std::string mailbox_key(std::string_view mailbox);  // the domain in lower case

}  // namespace postern::validator
