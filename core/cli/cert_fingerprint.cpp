#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/cli/certificate_file.h"
#include "core/cli/commands.h"
#include "core/cli/description_output.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

struct Options {
    std::string file;
    std::string password_file;
    std::string only;
    bool json = false;
};

struct Fingerprint {
    std::string subject;
    std::string sha256;
    std::string pin;
    std::string curl;  // --pinnedpubkey has two slashes
};

Result<Fingerprint> fingerprint_of(gnutls_x509_crt_t certificate) {
    auto sha256 = certificate_fingerprint(certificate);
    if (!sha256) return sha256.error();
    auto pin = public_key_pin(certificate);
    if (!pin) return pin.error();
    tls::GnutlsDatum subject;
    if (gnutls_x509_crt_get_dn3(certificate, subject.out(), 0) < 0) subject.out()->size = 0;
    Fingerprint made{std::string(as_text(subject.view())), *sha256, *pin, *pin};
    made.curl.replace(0, 7, "sha256//");
    return made;
}

void print(const Fingerprint& fingerprint, const std::string& only) {
    if (only == "sha256")
        std::cout << fingerprint.sha256 << "\n";
    else if (only == "pin")
        std::cout << fingerprint.pin << "\n";
    else if (only == "curl")
        std::cout << fingerprint.curl << "\n";
    else
        std::cout << printable(fingerprint.subject) << "\n  SHA-256  " << fingerprint.sha256
                  << "\n  pin      " << fingerprint.pin << "\n  curl     --pinnedpubkey "
                  << fingerprint.curl << "\n";
}

Result<void> run(const Options& options) {
    if (!options.only.empty() && options.only != "sha256" && options.only != "pin" &&
        options.only != "curl")
        return configuration_error("--only: \"" + printable(options.only) +
                                   "\" is not one of sha256, pin, curl");
    if (options.json && !options.only.empty())
        return configuration_error("--json prints all of it; leave out --only");
    const auto file =
        read_certificate_file(options.file, {"--password-file", options.password_file}, Keys::skip);
    if (!file) return file.error();
    if (file->certificates.empty())
        return configuration_error(printable(options.file) + ": no certificate in it");
    auto document = nlohmann::ordered_json::array();
    for (const auto& certificate : file->certificates) {
        const auto fingerprint = fingerprint_of(certificate.get());
        if (!fingerprint) return fingerprint.error();
        if (options.json)
            document.push_back({{"subject", fingerprint->subject},
                                {"sha256", fingerprint->sha256},
                                {"pin", fingerprint->pin},
                                {"curl", fingerprint->curl}});
        else
            print(*fingerprint, options.only);
    }
    if (options.json) std::cout << dump({{"fingerprints", std::move(document)}});
    return {};
}

}  // namespace

void add_cert_fingerprint(CLI::App& cert, Action& action) {
    auto* command = cert.add_subcommand("fingerprint", "Print fingerprints and pins");
    auto options = std::make_shared<Options>();
    command->add_option("file", options->file, "PEM (several), DER or PKCS#12")
        ->type_name("FILE")
        ->required();
    command->add_option("--password-file", options->password_file, "Password of PKCS#12")
        ->type_name("FILE");
    command->add_option("--only", options->only, "One of them, bare: sha256, pin or curl");
    command->add_flag("--json", options->json, "For programs");
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
