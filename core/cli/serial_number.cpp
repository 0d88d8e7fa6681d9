#include "core/cli/serial_number.h"

#include <algorithm>

#include <gnutls/crypto.h>

#include "core/cli/gnutls_failure.h"
#include "core/cli/printable.h"

namespace postern::cli {

Result<Bytes> random_serial() {
    Bytes serial(16);
    if (const int rc = gnutls_rnd(GNUTLS_RND_RANDOM, serial.data(), serial.size()); rc < 0)
        return gnutls_failure("random serial", rc);
    // The two top bits are 01: positive, and 128 bits long every time.
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
    return serial;
}

Result<Bytes> parse_serial(const std::string& flag, const std::string& text) {
    std::string digits = text;
    std::erase(digits, ':');
    if (digits.size() % 2 != 0) digits.insert(digits.begin(), '0');
    const auto given = from_hex(digits);
    const auto bad = configuration_error(
        flag + ": \"" + printable(text) +
        "\" is not a serial number; hexadecimal, above 0, at most 20 bytes is expected");
    if (!given) return bad;
    Bytes serial(std::find_if(given->begin(), given->end(), [](auto b) { return b != 0; }),
                 given->end());
    if (serial.empty()) return bad;
    if (serial[0] & 0x80) serial.insert(serial.begin(), 0);
    if (serial.size() > 20) return bad;
    return serial;
}

std::string serial_text(ByteView serial) {
    while (serial.size() > 1 && serial[0] == 0) serial = serial.subspan(1);
    return to_hex(serial);
}

}  // namespace postern::cli
