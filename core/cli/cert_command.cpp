#include <CLI/CLI.hpp>

#include "core/cli/commands.h"

namespace postern::cli {

void add_cert(CLI::App& parent, Action& action) {
    auto* cert = parent.add_subcommand("cert", "Make, read and revoke certificates");
    cert->require_subcommand(1);
    add_cert_init_ca(*cert, action);
    add_cert_server(*cert, action);
    add_cert_client(*cert, action);
    add_cert_self_signed(*cert, action);
    add_cert_inspect(*cert, action);
    add_cert_convert(*cert, action);
    add_cert_fingerprint(*cert, action);
    add_cert_revoke(*cert, action);
    add_cert_crl(*cert, action);
}

}  // namespace postern::cli
