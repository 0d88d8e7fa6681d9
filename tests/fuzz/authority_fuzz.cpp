#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/authority.h"
#include "core/base/in_quotes.h"

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

// Host and Origin: what is read has one form, which reads as itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto authority = parse_authority(text)) {
        check(!authority->host.empty() && authority->host.size() <= 253);
        check(parse_authority(authority->text()).value() == *authority);
    }
    if (const auto origin = parse_origin(text)) {
        check(parse_origin(origin->text()).value() == *origin);
    }
    check(in_quotes(text).size() <= 64 + 5);
    return 0;
}
