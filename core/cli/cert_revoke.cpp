#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/cli/authority.h"
#include "core/cli/certificate_file.h"
#include "core/cli/commands.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/printable.h"
#include "core/cli/revocation_state.h"
#include "core/cli/serial_number.h"
#include "core/cli/validity.h"

namespace postern::cli {
namespace {

struct Options {
    AuthorityOptions authority;
    std::string certificate;
    std::string serial;
    std::string reason = "unspecified";
    std::string date;
};

Result<Bytes> serial_of(gnutls_x509_crt_t certificate) {
    Bytes serial(64);
    std::size_t size = serial.size();
    if (const int rc = gnutls_x509_crt_get_serial(certificate, serial.data(), &size); rc < 0)
        return gnutls_failure("serial number", rc);
    serial.resize(size);
    return parse_serial("serial", to_hex(serial));
}

bool is_signed_by(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer) {
    unsigned status = 0;
    const int rc = gnutls_x509_crt_verify(
        certificate, &issuer, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN,
        &status);
    return rc >= 0 &&
           (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE)) == 0;
}

// By serial the certificate need not be at hand: it may be what was lost.
Result<Bytes> serial_to_revoke(const Options& options, const Authority& authority) {
    if (options.certificate.empty() == options.serial.empty())
        return configuration_error("which certificate? give its file or --serial, one of them");
    if (!options.serial.empty()) return parse_serial("--serial", options.serial);
    const auto certificates = read_certificates(options.certificate);
    if (!certificates) return certificates.error();
    const auto certificate = certificates->front().get();
    if (gnutls_x509_crt_equals(certificate, authority.certificate.get()))
        return configuration_error(printable(options.certificate) +
                                   ": is the CA itself, which only its parent can revoke");
    if (!is_signed_by(certificate, authority.certificate.get()))
        return configuration_error(printable(options.certificate) + ": was not issued by " +
                                   printable(authority.certificate_path));
    return serial_of(certificate);
}

Result<void> run(const Options& options) {
    const auto reason = parse_reason(options.reason);
    if (!reason) return reason.error();
    const auto date = options.date.empty() ? Result<std::int64_t>(system_clock().wall_seconds())
                                           : parse_time("--date", options.date);
    if (!date) return date.error();
    const auto authority = open_authority(options.authority);
    if (!authority) return authority.error();
    const auto serial = serial_to_revoke(options, *authority);
    if (!serial) return serial.error();

    const auto lock = lock_state(authority->state_path());
    if (!lock) return lock.error();
    auto state = read_state(authority->state_path());
    if (!state) return state.error();
    if (const auto* before = state->find(*serial))
        return Error{Fault::refused, "serial " + serial_text(*serial) + " is revoked since " +
                                         format_time(before->revoked_at) + " (" +
                                         reason_name(before->reason) + ")"};
    state->revoked.push_back({*serial, *reason, *date});
    if (auto written = write_state(authority->state_path(), *state); !written) return written;
    std::cout << "revoked serial " << serial_text(*serial) << " (" << reason_name(*reason)
              << "); it counts with the next CRL: postern cert crl\n";
    return {};
}

}  // namespace

void add_cert_revoke(CLI::App& cert, Action& action) {
    auto* command = cert.add_subcommand("revoke", "Record that a certificate is revoked");
    auto options = std::make_shared<Options>();
    command->add_option("certificate", options->certificate, "The certificate, PEM or DER")
        ->type_name("FILE");
    command->add_option("--serial", options->serial, "Its serial number instead")->type_name("HEX");
    command
        ->add_option("--reason", options->reason,
                     "unspecified (default), keyCompromise, superseded, cessationOfOperation, …")
        ->type_name("REASON");
    command->add_option("--date", options->date, "Since when; default: now")->type_name("RFC3339");
    options->authority.add_to(*command);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
