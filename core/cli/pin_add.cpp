#include <algorithm>
#include <iostream>
#include <memory>

#include <gnutls/x509.h>
#include <CLI/CLI.hpp>

#include "core/base/clock.h"
#include "core/base/units.h"
#include "core/cli/certificate_description.h"
#include "core/cli/certificate_file.h"
#include "core/cli/commands.h"
#include "core/cli/gnutls_failure.h"
#include "core/cli/pin_store_options.h"
#include "core/cli/printable.h"
#include "core/cli/validity.h"

namespace postern::cli {
namespace {

constexpr std::size_t kMaxComment = 200;
constexpr std::size_t kMaxName = 190;  // with its ending a file name that the store service takes

struct Options {
    PinStoreOptions store;
    std::string what;
    std::string name;
    std::string expires;
    std::string peer;
    std::string comment;
    bool certificate = false;
    bool replace = false;
};

Result<PinLine> pin_of_certificate(const Options& options) {
    const auto certificates = read_certificates(options.what);
    if (!certificates) return certificates.error();
    if (certificates->size() != 1)
        return configuration_error(printable(options.what) + ": holds " +
                                   std::to_string(certificates->size()) +
                                   " certificates; a pin is of one");
    const auto certificate = certificates->front().get();
    if (!options.certificate) {
        const auto text = public_key_pin(certificate);
        if (!text) return text.error();
        return parse_pin(*text);
    }
    PinLine pin;
    pin.whole_certificate = true;
    pin.digest.resize(32);
    std::size_t size = pin.digest.size();
    if (const int rc = gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256,
                                                       pin.digest.data(), &size);
        rc < 0)
        return gnutls_failure(printable(options.what), rc);
    return pin;
}

// "2027-01-31T00:00:00Z", or "90d" from now.
Result<std::int64_t> expiry(const std::string& text) {
    const auto now = system_clock().wall_seconds();
    const auto time = parse_time("--expires", text);
    const auto lifetime = parse_lifetime("--expires", text);
    if (!time && !lifetime)
        return configuration_error("--expires: \"" + printable(text) +
                                   "\" is neither a time such as 2027-01-31T00:00:00Z nor a "
                                   "duration such as 90d");
    const auto expires = time ? *time : now + *lifetime;
    if (expires <= now)
        return configuration_error("--expires: " + format_time(expires) + " has passed");
    return expires;
}

Result<PinLine> wanted_pin(const Options& options) {
    auto pin = looks_like_pin(options.what) ? parse_pin(options.what) : pin_of_certificate(options);
    if (!pin) return pin.error();
    if (options.certificate && !pin->whole_certificate)
        return configuration_error("--certificate: " + printable(pin->digest_text()) +
                                   " is of a key; give the certificate's file, or cert-sha256/…");
    if (!options.expires.empty()) {
        const auto expires = expiry(options.expires);
        if (!expires) return expires.error();
        pin->expires = *expires;
    }
    if (!options.peer.empty()) pin->name = options.peer;
    if (!is_printable(options.comment) || options.comment.size() > kMaxComment)
        return configuration_error(
            "--comment: is one line of at most 200 octets, without control characters");
    pin->comment = options.comment;
    // What is written must be what is read.
    const auto again = parse_pin(pin->text());
    if (!again) return configuration_error("--for: " + again.error().message);
    return pin;
}

Result<std::string> file_name(const Options& options, const PinLine& pin) {
    if (options.name.empty())
        return pin.algorithm + "-" + to_hex(pin.digest).substr(0, 24) +
               (pin.whole_certificate ? "-cert" : "") + kPinEnding;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    const auto& name = options.name;
    if (name.size() > kMaxName || name.front() == '.' ||
        !std::all_of(name.begin(), name.end(), fits) || name.ends_with(kPendingEnding))
        return configuration_error("--name: \"" + printable(name) +
                                   "\" is no file name of a-z, A-Z, 0-9, \".\", \"_\" and \"-\" "
                                   "that begins with no dot and ends in no \".pending\"");
    return name.ends_with(kPinEnding) ? name : name + kPinEnding;
}

Result<void> run(const Options& options) {
    const auto pin = wanted_pin(options);
    if (!pin) return pin.error();
    const auto name = file_name(options, *pin);
    if (!name) return name.error();
    const auto store = options.store.find();
    if (!store) return store.error();
    const auto lock = store->lock();
    if (!lock) return lock.error();
    const auto files = store->read();
    if (!files) return files.error();
    const bool there = std::any_of(files->begin(), files->end(),
                                   [&](const StoredFile& each) { return each.name == *name; });
    if (there && !options.replace)
        return Error{Fault::refused, printable(store->path_of(*name)) +
                                         ": is there already; --replace writes it anew, --name "
                                         "chooses another"};
    const auto how = options.replace ? PinStore::Replace::yes : PinStore::Replace::no;
    if (auto written = store->write(*name, *pin, how); !written) return written;
    std::cout << "pinned " << printable(pin->text()) << "\n  in "
              << printable(store->path_of(*name)) << "\n";
    return {};
}

}  // namespace

void add_pin_add(CLI::App& pin, Action& action) {
    auto* command = pin.add_subcommand("add", "Hold one more key or certificate");
    const auto options = std::make_shared<Options>();
    command->add_option("what", options->what, "Its certificate, PEM or DER, or sha256/…")
        ->type_name("FILE|PIN")
        ->required();
    command->add_option("--name", options->name, "The file's name [default: of the digest]");
    command->add_option("--expires", options->expires, "Held until then")
        ->type_name("RFC3339|DURATION");
    command->add_option("--for", options->peer, "For this peer alone, such as dns:a.example")
        ->type_name("NAME");
    command->add_option("--comment", options->comment, "Written beside it")->type_name("TEXT");
    command->add_flag("--certificate", options->certificate,
                      "Pin the whole certificate, not its key");
    command->add_flag("--replace", options->replace, "Write the file anew where there is one");
    options->store.add_to(*command);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace postern::cli
