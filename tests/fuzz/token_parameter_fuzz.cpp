#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/gate/token_parameter.h"

// Whatever stands around it, a plain access_token is seen, in a query and in a form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    postern::net::HttpRequest request;
    request.method = "POST";
    request.path = "/";
    request.target = "/?" + text;
    static_cast<void>(postern::gate::has_token_parameter(request));
    request.target += "&access_token=x";
    if (!postern::gate::has_token_parameter(request)) std::abort();

    request.target = "/";
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.body = text;
    static_cast<void>(postern::gate::has_token_parameter(request));
    request.body += "&access_token=x";
    if (!postern::gate::has_token_parameter(request)) std::abort();
    return 0;
}
