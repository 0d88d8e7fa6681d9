// The first bytes of a connection, from anybody. What is read as complete has to be the same
// whatever follows, and no beginning of it may be refused.
#include <cstdlib>

#include "core/tls/client_hello.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern::tls;
    const postern::ByteView wire(data, size);
    const HelloResult result = read_client_hello(wire);
    if (result.status == HelloStatus::complete) {
        if (parse_client_hello(result.hello.raw).hello.ja4 != result.hello.ja4) std::abort();
        const auto half = read_client_hello(wire.first(size / 2)).status;
        if (half != HelloStatus::incomplete && half != HelloStatus::complete) std::abort();
    }
    (void)parse_client_hello(wire);
    return 0;
}
