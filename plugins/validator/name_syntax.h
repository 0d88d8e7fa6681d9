#pragma once

#include <string_view>

namespace postern::validator {

enum class Wildcard : bool { refused, allowed };

// Why a name is not one, as the end of a sentence ("has an underscore …"); empty: it is a name.
// Never throws, takes any bytes.

// RFC 1034 3.5 as RFC 5280 4.2.1.6 wants it: letters, digits and hyphens, at most 63 to a label and
// 253 in all, no address. A wildcard is the whole left-most label with two labels or more below.
[[nodiscard]] std::string_view dns_name_fault(std::string_view name, Wildcard wildcard);

// RFC 5280 4.2.1.6: "The name MUST NOT be a relative URI", with a scheme and a scheme-specific
// part.
[[nodiscard]] std::string_view uri_fault(std::string_view uri);

// RFC 5280 4.2.1.6: a Mailbox "Local-part@Domain", nothing around it; no quoted local part.
[[nodiscard]] std::string_view mailbox_fault(std::string_view mailbox);

}  // namespace postern::validator
