#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/cli/authority.h"
#include "core/cli/commands.h"
#include "core/cli/issuance.h"
#include "core/cli/printable.h"
#include "core/cli/validity.h"

namespace postern::cli {
namespace {

constexpr std::int64_t kLifetime = 30 * kDay;

struct Options {
    AuthorityOptions authority;
    std::string out;
    std::string format = "pem";
    ValidityOptions times;  // not_before: thisUpdate, not_after: nextUpdate
};

Result<Validity> update_times(const ValidityOptions& times) {
    Validity updates{system_clock().wall_seconds(), 0};
    if (!times.not_before.empty()) {
        const auto time = parse_time("--this-update", times.not_before);
        if (!time) return time.error();
        updates.not_before = *time;
    }
    if (!times.not_after.empty() && !times.validity.empty())
        return configuration_error(
            "--next-update and --validity say the same thing; give one of them");
    const auto end = !times.not_after.empty() ? parse_time("--next-update", times.not_after)
                     : times.validity.empty() ? Result<std::int64_t>(kLifetime)
                                              : parse_lifetime("--validity", times.validity);
    if (!end) return end.error();
    updates.not_after = times.not_after.empty() ? updates.not_before + *end : *end;
    if (updates.not_after <= updates.not_before)
        return configuration_error("the next update, " + format_time(updates.not_after) +
                                   ", would be before this one, " +
                                   format_time(updates.not_before));
    return updates;
}

Result<void> run(const Options& options) {
    if (options.format != "pem" && options.format != "der")
        return configuration_error("--format: \"" + printable(options.format) +
                                   "\" is not one of pem, der");
    const auto updates = update_times(options.times);
    if (!updates) return updates.error();
    const auto authority = open_authority(options.authority);
    if (!authority) return authority.error();
    const auto path = options.out.empty() ? authority->crl_path() : options.out;
    const auto number =
        issue_crl(*authority, path, options.format == "pem" ? Encoding::pem : Encoding::der,
                  updates->not_before, updates->not_after);
    if (!number) return number.error();
    std::cout << "wrote " << printable(path) << ": CRL number " << *number << ", next update "
              << format_time(updates->not_after) << "\n";
    return {};
}

}  // namespace

void add_cert_crl(CLI::App& cert, Action& action) {
    auto* command = cert.add_subcommand("crl", "Issue the CRL of what was revoked");
    auto options = std::make_shared<Options>();
    options->authority.add_to(*command);
    command->add_option("--out", options->out, "Where; default: ca.crl.pem beside the CA")
        ->type_name("FILE");
    command->add_option("--format", options->format, "pem (default) or der");
    command
        ->add_option("--validity", options->times.validity, "Time to the next update; default: 30d")
        ->type_name("DURATION");
    command->add_option("--this-update", options->times.not_before, "Default: now")
        ->type_name("RFC3339");
    command->add_option("--next-update", options->times.not_after, "Instead of --validity")
        ->type_name("RFC3339");
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
