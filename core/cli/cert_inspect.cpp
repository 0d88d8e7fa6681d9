#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/cli/certificate_file.h"
#include "core/cli/commands.h"
#include "core/cli/description_output.h"

namespace postern::cli {
namespace {

struct Options {
    std::string file;
    std::string password_file;
    bool json = false;
};

Result<void> print_json(const CertificateFile& file, std::int64_t now) {
    auto certificates = nlohmann::ordered_json::array();
    for (const auto& certificate : file.certificates) {
        const auto description = describe(certificate.get());
        if (!description) return description.error();
        certificates.push_back(to_json(*description, now));
    }
    auto crls = nlohmann::ordered_json::array();
    for (const auto& crl : file.crls) {
        const auto description = describe(crl.get());
        if (!description) return description.error();
        crls.push_back(to_json(*description));
    }
    std::cout << dump({{"certificates", std::move(certificates)}, {"crls", std::move(crls)}});
    return {};
}

Result<void> print_text(const CertificateFile& file, std::int64_t now) {
    bool first = true;
    const auto separate = [&] {
        if (!first) std::cout << "\n";
        first = false;
    };
    for (const auto& certificate : file.certificates) {
        const auto description = describe(certificate.get());
        if (!description) return description.error();
        separate();
        std::cout << to_text(*description, now);
    }
    for (const auto& crl : file.crls) {
        const auto description = describe(crl.get());
        if (!description) return description.error();
        separate();
        std::cout << to_text(*description, now);
    }
    return {};
}

Result<void> run(const Options& options) {
    const auto file =
        read_certificate_file(options.file, {"--password-file", options.password_file}, Keys::skip);
    if (!file) return file.error();
    const auto now = system_clock().wall_seconds();
    return options.json ? print_json(*file, now) : print_text(*file, now);
}

}  // namespace

void add_cert_inspect(CLI::App& cert, Action& action) {
    auto* command = cert.add_subcommand("inspect", "Show certificates and CRLs");
    auto options = std::make_shared<Options>();
    command->add_option("file", options->file, "PEM (several), DER or PKCS#12")
        ->type_name("FILE")
        ->required();
    command->add_option("--password-file", options->password_file, "Password of PKCS#12")
        ->type_name("FILE");
    command->add_flag("--json", options->json, "For programs");
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
