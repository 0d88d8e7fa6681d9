// Certificates from anybody: parsed, named and verified without an authority.
#include <cstdlib>

#include "core/tls/chain.h"
#include "core/tls/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern;
    using namespace postern::tls;
    const ByteView input(data, size);
    const auto chain = Chain::from_der({input});
    if (chain.ok()) {
        if (identity_of(*chain.value()).empty()) std::abort();
        const Verification result = TrustAnchors::verify_without_chain(
            chain.value(), Purpose::client_authentication, 1'800'000'000);
        if (result.flags == 0) std::abort();  // SKIPPED at least
    }
    (void)import_certificates(input, "input");
    return 0;
}
