#pragma once

#include <string>
#include <vector>

#include "pin_file.h"
#include "pin_set.h"
#include "postern/plugin.hpp"

namespace postern::pinning {

// What a peer shows that can be pinned, copied out of its certificates.
class Peer {
public:
    // What a peer merely sends along with its certificate proves nothing, since certificates are
    // public: beside the leaf, only `verified`, the chain that the host built, counts; it may be
    // empty. Digests beyond SHA-256 are computed where `pins` has such.
    Peer(const sdk::Crypto& crypto, const PinSet& pins, const sdk::Certificate& leaf,
         const sdk::Chain& verified, Match match, std::string name);

    [[nodiscard]] Standing standing(const PinSet& pins, std::int64_t now) const;
    // The SHA-256 pin that would hold it.
    [[nodiscard]] const Pin& pin() const { return pin_; }
    [[nodiscard]] const std::string& name() const { return pin_.name; }
    // Who it is and what an administrator needs to pin it, for a refusal's detail.
    [[nodiscard]] std::string description() const;

private:
    void show(const sdk::Crypto& crypto, const PinSet& pins, const sdk::Certificate& certificate,
              Subject subject);

    std::vector<Pin> shown_;
    Pin pin_;
    std::string subject_;
    Pin key_pin_;  // of the leaf, whatever must match
};

}  // namespace postern::pinning
