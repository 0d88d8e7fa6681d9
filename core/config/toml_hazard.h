#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::config {

// What must not reach toml++ 3.3: it recurses over dotted keys without a bound, and its classes of
// characters are undefined for much that is not ASCII and stands outside strings and comments,
// where TOML has ASCII only.
struct TomlHazard {
    enum class Kind : bool { dots, not_ascii };
    Kind kind;
    std::uint32_t line;
};

// The first of them, if any; a dotted key may have `most_parts` parts. Looks at strings and
// comments only far enough to skip them: where the text is not TOML the answer may be off, but the
// parser stops there too.
[[nodiscard]] std::optional<TomlHazard> find_toml_hazard(std::string_view text,
                                                         std::size_t most_parts);

}  // namespace postern::config
