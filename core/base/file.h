#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern {

// The whole of a regular file of at most `limit` bytes. The error says which file and why. Blocks.
[[nodiscard]] Result<Bytes> read_file(const std::string& path, std::uint64_t limit);

enum class Replace : bool { no = false, yes = true };

// Hidden temporary file beside it (".NAME.XXXXXX"), fsync, rename (or link, which fails if it
// exists): the file is whole or as it was. Blocks.
[[nodiscard]] Result<void> write_file(const std::string& path, ByteView content, unsigned mode,
                                      Replace replace);

}  // namespace postern
