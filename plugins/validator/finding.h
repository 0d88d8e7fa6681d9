#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "postern/plugin.hpp"

namespace postern::validator {

// Why a certificate is refused; nothing when there is nothing to object to.
struct Refusal {
    std::uint32_t reason;  // POSTERN_REASON_*
    std::string detail;    // a sentence that begins with the certificate it is about
};
using Finding = std::optional<Refusal>;

enum class Role { leaf, intermediate, anchor };
// Which end of the connection the certificate is for.
enum class Side { client, server };

// One certificate with its place in the chain. Views what the host shows, for the hook's duration.
class Examined {
public:
    Examined(sdk::Chain chain, std::size_t position, Role role)
        : certificate_(chain[position]), position_(position), role_(role) {}

    [[nodiscard]] const sdk::Certificate& certificate() const { return certificate_; }
    [[nodiscard]] Role role() const { return role_; }

    // What the host must know of every certificate; throws sdk::Error, a denial, where it does not.
    [[nodiscard]] std::int64_t number(std::uint32_t field) const;

    // "the leaf certificate (CN=alice) has no serial number"; `what` follows the certificate.
    [[nodiscard]] Refusal refuse(std::uint32_t reason, const std::string& what) const;

private:
    sdk::Certificate certificate_;
    std::size_t position_;
    Role role_;
};

}  // namespace postern::validator
