#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::plugin {

// What a shared object says about itself, read without running any of it.
struct ElfImage {
    std::vector<std::string> exported;      // defined, global or weak, visible
    std::vector<std::string> search_paths;  // DT_RPATH and DT_RUNPATH
};

// Refuses what is no ELF shared object for this machine, and what asks for an executable stack,
// for text relocations, for memory that is writable and executable, or for libraries from a
// relative folder. Every offset in `file` is hostile. The error lacks the file's name.
[[nodiscard]] Result<ElfImage> read_elf_image(ByteView file);

}  // namespace postern::plugin
