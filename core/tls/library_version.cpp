// Which GnuTLS this process runs with; the functions are in server_context.h.
#include "core/tls/gnutls_handle.h"
#include "core/tls/server_context.h"

namespace postern::tls {

std::string library_version() {
    return gnutls_check_version(nullptr);
}

// The library tells its upstream version only: which of a distribution's patches are in it cannot
// be seen from here. Before 3.7.9 none of those that Postern's floor asks for exist.
bool library_below_security_floor() {
    return gnutls_check_version("3.7.9") == nullptr;
}

}  // namespace postern::tls
