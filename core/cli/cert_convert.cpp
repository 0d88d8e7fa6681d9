#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/cli/certificate_file.h"
#include "core/cli/commands.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/output_file.h"
#include "core/cli/pkcs12_file.h"
#include "core/cli/printable.h"
#include "core/cli/private_key.h"

namespace postern::cli {
namespace {

struct Options {
    std::string file;
    std::string to;
    std::string out;
    std::string key;
    std::string key_out;
    std::string chain;
    std::string name;
    std::string password_file;
    std::string out_password_file;
    std::string group;
    bool force = false;

    [[nodiscard]] PasswordSource password() const { return {"--password-file", password_file}; }
    [[nodiscard]] PasswordSource out_password() const {
        return {"--out-password-file", out_password_file};
    }
    [[nodiscard]] gnutls_x509_crt_fmt_t format() const {
        return to == "pem" ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER;
    }
};

Result<void> write_key(const Options& options, const std::string& path, gnutls_x509_privkey_t key) {
    const auto secret = options.out_password().if_given();
    if (!secret) return secret.error();
    const auto encoded =
        encode_private_key(key, options.to == "der" ? Encoding::der : Encoding::pem, *secret);
    if (!encoded) return encoded.error();
    if (auto written = write_secret_file(path, *encoded, options.group); !written) return written;
    std::cout << "wrote " << printable(path) << ": private key, PKCS#8\n";
    return {};
}

Result<Bytes> encode_all(const Options& options, const CertificateFile& file) {
    Bytes content;
    const auto append = [&content](const tls::GnutlsDatum& datum) {
        content.insert(content.end(), datum.view().begin(), datum.view().end());
    };
    for (const auto& certificate : file.certificates) {
        tls::GnutlsDatum encoded;
        const int rc = gnutls_x509_crt_export2(certificate.get(), options.format(), encoded.out());
        if (rc < 0) return gnutls_failure("encoding a certificate", rc);
        append(encoded);
    }
    for (const auto& crl : file.crls) {
        tls::GnutlsDatum encoded;
        if (const int rc = gnutls_x509_crl_export2(crl.get(), options.format(), encoded.out());
            rc < 0)
            return gnutls_failure("encoding a CRL", rc);
        append(encoded);
    }
    return content;
}

Result<void> to_pem_or_der(const Options& options, const CertificateFile& file) {
    const auto count = file.certificates.size() + file.crls.size();
    if (count == 0) {
        if (!options.key_out.empty())
            return configuration_error("--key-out: " + printable(options.file) +
                                       " is a key alone; --out is where it goes");
        return write_key(options, options.out, file.key.get());
    }
    if (options.to == "der" && count > 1)
        return configuration_error(printable(options.file) + ": holds " + std::to_string(count) +
                                   " certificates, a DER file only one; take --to pem");
    if (!options.key_out.empty() && !file.key)
        return configuration_error("--key-out: there is no private key in " +
                                   printable(options.file));
    // Checked before the key is written, so that both are written or neither.
    if (!options.force)
        if (auto absent = expect_absent(options.out, "choose another --out or give --force");
            !absent)
            return absent;
    const auto content = encode_all(options, file);
    if (!content) return content.error();
    if (!options.key_out.empty())
        if (auto written = write_key(options, options.key_out, file.key.get()); !written)
            return written;
    if (auto written =
            write_public_file(options.out, *content, options.force ? Replace::yes : Replace::no);
        !written)
        return written;
    std::cout << "wrote " << printable(options.out) << "\n";
    return {};
}

// The leaf, then what stands behind it: from the file itself and from --chain.
Result<std::vector<tls::CertificateOwner>> pkcs12_chain(const Options& options,
                                                        CertificateFile& file) {
    auto chain = std::move(file.certificates);
    if (options.chain.empty()) return chain;
    auto more = read_certificates(options.chain);
    if (!more) return more.error();
    for (auto& each : *more) {
        bool known = false;
        for (const auto& before : chain)
            known = known || gnutls_x509_crt_equals(before.get(), each.get());
        if (!known) chain.push_back(std::move(each));
    }
    return chain;
}

Result<void> to_pkcs12(const Options& options, CertificateFile file) {
    if (file.format == FileFormat::pkcs12)
        return configuration_error(printable(options.file) + ": is PKCS#12 already");
    if (file.certificates.empty())
        return configuration_error(printable(options.file) +
                                   ": no certificate in it to put into PKCS#12");
    if (!options.key.empty()) {
        auto key = read_private_key(options.key, options.password());
        if (!key) return key.error();
        file.key = std::move(*key);
    }
    if (!file.key)
        return configuration_error("which key? PKCS#12 holds the certificate's key: give --key");
    const auto of_key = public_key_digest(file.key.get());
    if (!of_key) return of_key.error();
    const auto of_certificate = public_key_digest(file.certificates.front().get());
    if (!of_certificate) return of_certificate.error();
    if (*of_key != *of_certificate)
        return configuration_error("--key: is not the key of " + printable(options.file));

    auto chain = pkcs12_chain(options, file);
    if (!chain) return chain.error();
    std::vector<gnutls_x509_crt_t> handles;
    for (const auto& each : *chain) handles.push_back(each.get());
    const auto password = options.out_password().chosen(options.out);
    if (!password) return password.error();
    const auto encoded = encode_pkcs12(file.key.get(), handles, options.name, *password);
    if (!encoded) return encoded.error();
    // It holds a key: never replaced, readable by its owner.
    if (auto written = write_secret_file(options.out, *encoded, options.group); !written)
        return written;
    std::cout << "wrote " << printable(options.out) << ": PKCS#12, key and " << handles.size()
              << (handles.size() == 1 ? " certificate\n" : " certificates\n");
    return {};
}

Result<void> check(const Options& options) {
    if (options.to != "pem" && options.to != "der" && options.to != "pkcs12")
        return configuration_error("--to: \"" + printable(options.to) +
                                   "\" is not one of pem, der, pkcs12");
    if (options.to != "pkcs12" &&
        (!options.key.empty() || !options.chain.empty() || !options.name.empty()))
        return configuration_error("--key, --chain and --name are for --to pkcs12");
    if (options.to == "pkcs12" && !options.key_out.empty())
        return configuration_error("--key-out is for --to pem and --to der");
    return check_group(options.group);
}

Result<void> run(const Options& options) {
    if (auto checked = check(options); !checked) return checked;
    const auto keys_never = "a file with a key is never overwritten; choose another";
    if (options.to == "pkcs12")
        if (auto absent = expect_absent(options.out, keys_never); !absent) return absent;
    if (!options.key_out.empty())
        if (auto absent = expect_absent(options.key_out, keys_never); !absent) return absent;
    const bool key_wanted =
        !options.key_out.empty() || (options.to == "pkcs12" && options.key.empty());
    auto file = read_certificate_file(options.file, options.password(),
                                      key_wanted ? Keys::read : Keys::if_alone);
    if (!file) return file.error();
    if (options.to == "pkcs12") return to_pkcs12(options, std::move(*file));
    if (file->certificates.empty() && file->crls.empty())
        if (auto absent = expect_absent(options.out, keys_never); !absent) return absent;
    return to_pem_or_der(options, *file);
}

}  // namespace

void add_cert_convert(CLI::App& cert, Action& action) {
    auto* command = cert.add_subcommand("convert", "Convert between PEM, DER and PKCS#12");
    auto options = std::make_shared<Options>();
    const auto add = [command](const char* flag, std::string& value, const char* help) {
        return command->add_option(flag, value, help)->type_name("FILE");
    };
    add("file", options->file, "Certificates, a CRL or a key, in any of them")->required();
    add("--to", options->to, "pem, der or pkcs12")->type_name("FORMAT")->required();
    add("--out", options->out, "Where")->required();
    add("--key", options->key, "The certificate's key, for PKCS#12");
    add("--chain", options->chain, "Further certificates, for PKCS#12");
    add("--name", options->name, "Friendly name, for PKCS#12")->type_name("TEXT");
    add("--key-out", options->key_out, "Where the key of a PKCS#12 file goes");
    add("--password-file", options->password_file, "Password of what is read");
    add("--out-password-file", options->out_password_file, "Password of the key that is written");
    add("--group", options->group, "A key is mode 0640 and of this group")->type_name("NAME");
    command->add_flag("--force", options->force, "Replace certificates (never a key)");
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
