#include "pin_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <string_view>

#include "pin.h"

namespace postern::pinning {

namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw sdk::Error(POSTERN_E_CONFIG, path + ": " + what);
}

std::string read_whole(const std::string& path) {
    Stamp stamp;
    // Before it is opened: opening a FIFO would wait for a writer.
    switch (look_at(path, stamp)) {
        case Presence::file:
            break;
        case Presence::absent:
            fail(path, "there is no such file");
        case Presence::unknown:
            fail(path, "cannot be looked at");
        case Presence::directory:
        case Presence::other:
            fail(path, "is not a regular file");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(path, "cannot be read");
    // One more than allowed, so that a longer file is seen to be longer.
    std::string out(kMaxFile + 1, '\0');
    file.read(out.data(), static_cast<std::streamsize>(out.size()));
    if (file.bad()) fail(path, "cannot be read");
    out.resize(static_cast<std::size_t>(file.gcount()));
    if (out.size() > kMaxFile) fail(path, "is longer than 1 MiB");
    return out;
}

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t first = line.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(kBlank) - first + 1);
}

PinSet read_lines(const std::string& path, std::string_view text, Match match) {
    PinSet out;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        const std::string_view content = text.substr(0, end);
        const std::string_view pin = trimmed(content.substr(0, content.find('#')));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (pin.empty()) continue;
        try {
            out.add(fitting(parse_pin(pin), match));
        } catch (const sdk::Error& error) {
            fail(path + ":" + std::to_string(line), error.what());
        }
    }
    return out;
}

PinSet pins_of(const sdk::Chain& certificates, Match match) {
    PinSet out;
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        Pin pin;
        const bool whole = match == Match::certificate;
        pin.subject = whole ? Subject::certificate : Subject::key;
        pin.digest = (whole ? certificates[i].sha256() : certificates[i].spki_sha256()).copy();
        out.add(std::move(pin));
    }
    return out;
}

bool looks_like_certificate(std::string_view content) {
    constexpr char kDerSequence = '\x30';
    return (content.size() > 1 && content[0] == kDerSequence &&
            (static_cast<unsigned char>(content[1]) & 0x80u) != 0) ||
           content.find("-----BEGIN ") != std::string_view::npos;
}

}  // namespace

PinSet read_pin_file(const sdk::X509& x509, const std::string& path, Match match, Content content) {
    const std::string bytes = read_whole(path);
    // What a file is while its writer has only just opened it; no pins are written as a comment.
    if (bytes.empty()) fail(path, "is empty");
    if (content == Content::certificates_or_pins && !looks_like_certificate(bytes)) {
        return read_lines(path, bytes, match);
    }
    sdk::ChainRef certificates;
    const postern_rc rc =
        x509.import_certificates(sdk::Bytes(std::string_view(bytes)), certificates);
    if (rc == POSTERN_E_DENIED) fail(path, "holds more than 1,000 certificates");
    if (rc != POSTERN_OK || certificates.chain().empty()) {
        fail(path, "is no certificate in PEM or DER");
    }
    return pins_of(certificates.chain(), match);
}

Pin fitting(Pin pin, Match match) {
    if (match == Match::certificate && pin.subject == Subject::key) {
        throw sdk::Error(POSTERN_E_CONFIG,
                         pin_text(pin) +
                             " is of a public key, and require_exact_certificate_match wants whole "
                             "certificates: give \"cert-sha256/…\" or a file, or set it to false");
    }
    return pin;
}

Presence look_at(const std::string& path, Stamp& stamp) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return errno == ENOENT || errno == ENOTDIR ? Presence::absent : Presence::unknown;
    }
    const auto nanoseconds = [](const timespec& time) {
        return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    stamp = {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
             nanoseconds(status.st_ctim)};
    if (S_ISREG(status.st_mode)) return Presence::file;
    return S_ISDIR(status.st_mode) ? Presence::directory : Presence::other;
}

}  // namespace postern::pinning
