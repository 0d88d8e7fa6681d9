#pragma once

#include "core/cli/action.h"

// Each adds one command below `parent`; which one was chosen is in `action` after parsing.
namespace postern::cli {

void add_init(CLI::App& parent, Action& action);
void add_explain(CLI::App& parent, Action& action);
void add_cert(CLI::App& parent, Action& action);
void add_pin(CLI::App& parent, Action& action);

void add_cert_init_ca(CLI::App& cert, Action& action);
void add_cert_server(CLI::App& cert, Action& action);
void add_cert_client(CLI::App& cert, Action& action);
void add_cert_self_signed(CLI::App& cert, Action& action);
void add_cert_inspect(CLI::App& cert, Action& action);
void add_cert_convert(CLI::App& cert, Action& action);
void add_cert_fingerprint(CLI::App& cert, Action& action);
void add_cert_revoke(CLI::App& cert, Action& action);
void add_cert_crl(CLI::App& cert, Action& action);

void add_pin_add(CLI::App& pin, Action& action);

}  // namespace postern::cli
