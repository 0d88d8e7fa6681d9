#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/tls/chain.h"

namespace postern::tls {

// One base of a name constraint: a GeneralName's tag and what is in it.
struct GeneralSubtree {
    std::uint8_t tag = 0;
    ByteView content;  // into the extension
};

struct NameConstraints {
    std::vector<GeneralSubtree> permitted;
    std::vector<GeneralSubtree> excluded;
};

inline constexpr std::size_t kMaxSubtrees = 1024;  // of one certificate

// The value of the extension. Nothing if it is malformed, empty, has more than kMaxSubtrees, a
// minimum or maximum (RFC 5280 4.2.1.10 knows neither), or a base that is no name of its kind.
[[nodiscard]] std::optional<NameConstraints> read_name_constraints(ByteView value);

// Whether a name lies in the tree below a base. `unclear`: its form does not allow to tell.
enum class Within : std::uint8_t { no, yes, unclear };

// A wildcard lies in a tree when all that it stands for does, and touches it when some of it does.
[[nodiscard]] Within dns_within(std::string_view name, std::string_view base);
[[nodiscard]] Within dns_touches(std::string_view name, std::string_view base);
[[nodiscard]] Within mailbox_within(std::string_view mailbox, std::string_view base);
[[nodiscard]] Within uri_within(std::string_view uri, std::string_view base);
[[nodiscard]] Within address_within(ByteView address, ByteView base);
// Both are the elements of an RDNSequence, without its own tag.
[[nodiscard]] Within directory_name_within(ByteView name, ByteView base);

}  // namespace postern::tls
