#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/gate/token_binding.h"

// A token that passes says the same to another parser.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const postern::Digest256 zero{};
    static_cast<void>(postern::gate::check_token_binding(text, &zero));

    // The input as the claims, well wrapped, so that their parser is reached.
    std::string claims = postern::to_base64(postern::as_bytes(text));
    while (claims.ends_with('=')) claims.pop_back();
    for (char& c : claims) c = c == '+' ? '-' : c == '/' ? '_' : c;
    if (!postern::gate::check_token_binding("Bearer e30." + claims + ".e30", &zero)) return 0;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded() || json["cnf"]["x5t#S256"] != std::string(43, 'A')) std::abort();
    return 0;
}
