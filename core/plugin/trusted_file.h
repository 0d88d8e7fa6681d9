#pragma once

#include <string>

#include <sys/types.h>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace postern::plugin {

// A file that is believed, such as code that runs in this process: nobody but root and the running
// user can have written it or put another in its place.
struct TrustedFile {
    std::string path;  // symbolic links resolved
    UniqueFd descriptor;
    dev_t device = 0;
    ino_t inode = 0;
    Bytes content;
};

// Opens and reads it. What is checked is the descriptor itself and every folder above the resolved
// path: owner root or the running user, not writable by group or others. A folder with the sticky
// bit that belongs to root may be writable, since nobody can replace another's file there.
[[nodiscard]] Result<TrustedFile> open_trusted_file(const std::string& path);

}  // namespace postern::plugin
