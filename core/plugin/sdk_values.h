#pragma once

#include <string_view>

#include "core/base/bytes.h"
#include "postern/types.h"

namespace postern::plugin {

[[nodiscard]] inline std::string_view view_of(postern_str text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
[[nodiscard]] inline ByteView view_of(postern_bytes bytes) {
    return bytes.data == nullptr ? ByteView() : ByteView(bytes.data, bytes.size);
}
[[nodiscard]] inline postern_str str_of(std::string_view text) {
    return {text.data(), text.size()};
}
[[nodiscard]] inline postern_bytes bytes_of(ByteView bytes) {
    return {bytes.data(), bytes.size()};
}

}  // namespace postern::plugin
