#include "core/tls/client_hello.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/tls/ja4.h"
#include "core/tls/names.h"

namespace postern::tls {
namespace {

constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kClientHelloMessage = 1;
constexpr std::size_t kRecordHeader = 5;
constexpr std::size_t kMessageHeader = 4;
constexpr std::size_t kMaxRecord = 16 * 1024;

// RFC 8446 section 4.2 and RFC 6066.
constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kSupportedGroups = 10;
constexpr std::uint16_t kSignatureAlgorithms = 13;
constexpr std::uint16_t kAlpn = 16;
constexpr std::uint16_t kSupportedVersions = 43;

HelloResult refused(HelloStatus status, std::string detail) {
    return {status, {}, std::move(detail)};
}
HelloResult malformed(std::string detail) {
    return refused(HelloStatus::malformed, std::move(detail));
}

// TLS presentation language: numbers and length-prefixed vectors, RFC 8446 section 3. After a read
// past the end everything fails.
class Reader {
public:
    explicit Reader(ByteView bytes) : rest_(bytes) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::optional<ByteView> take(std::size_t size) {
        if (size > rest_.size()) return std::nullopt;
        const ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    [[nodiscard]] std::optional<std::uint16_t> number(std::size_t octets) {
        const auto bytes = take(octets);
        if (!bytes) return std::nullopt;
        unsigned value = 0;
        for (const std::uint8_t octet : *bytes) value = value << 8 | octet;
        return static_cast<std::uint16_t>(value);
    }
    [[nodiscard]] std::optional<ByteView> vector(std::size_t length_octets) {
        const auto length = number(length_octets);
        return length ? take(*length) : std::nullopt;
    }

private:
    ByteView rest_;
};

// A vector of 16-bit numbers that fills `data`; at least one of them.
bool read_numbers(ByteView data, std::size_t length_octets, std::vector<std::uint16_t>& out) {
    Reader reader(data);
    const auto list = reader.vector(length_octets);
    if (!list || !reader.at_end() || list->empty() || list->size() % 2 != 0) return false;
    Reader numbers(*list);
    while (const auto number = numbers.number(2)) out.push_back(*number);
    return true;
}

bool read_server_name(ByteView data, std::string& out) {
    Reader reader(data);
    const auto list = reader.vector(2);
    if (!list || !reader.at_end() || list->empty()) return false;
    Reader names(*list);
    while (!names.at_end()) {
        const auto type = names.number(1);
        const auto name = names.vector(2);
        if (!type || !name) return false;
        if (*type != 0) continue;
        // "The ServerNameList MUST NOT contain more than one name of the same name_type."
        if (!out.empty()) return false;
        out = lower_case(std::string(as_text(*name)));
        if (!is_dns_name(out)) return false;
    }
    return true;
}

bool read_alpn(ByteView data, std::vector<std::string>& out) {
    Reader reader(data);
    const auto list = reader.vector(2);
    if (!list || !reader.at_end() || list->empty()) return false;
    Reader names(*list);
    while (!names.at_end()) {
        const auto name = names.vector(1);
        if (!name || name->empty()) return false;
        out.emplace_back(as_text(*name));
    }
    return true;
}

bool read_extension(std::uint16_t type, ByteView data, ClientHello& hello) {
    switch (type) {
        case kServerName:
            return read_server_name(data, hello.sni);
        case kAlpn:
            return read_alpn(data, hello.alpn);
        case kSupportedGroups:
            return read_numbers(data, 2, hello.groups);
        case kSignatureAlgorithms:
            return read_numbers(data, 2, hello.signature_algorithms);
        case kSupportedVersions:
            return read_numbers(data, 1, hello.versions);
        default:
            return true;  // GnuTLS judges it
    }
}

std::string read_extensions(ByteView list, ClientHello& hello) {
    Reader reader(list);
    while (!reader.at_end()) {
        const auto type = reader.number(2);
        const auto data = reader.vector(2);
        if (!type || !data) return "an extension runs past the end";
        // RFC 8446 section 4.2: "There MUST NOT be more than one extension of the same type".
        if (std::find(hello.extensions.begin(), hello.extensions.end(), *type) !=
            hello.extensions.end())
            return "extension " + std::to_string(*type) + " is there twice";
        hello.extensions.push_back(*type);
        if (!read_extension(*type, *data, hello))
            return "extension " + std::to_string(*type) + " is malformed";
    }
    return {};
}

}  // namespace

HelloResult read_client_hello(ByteView wire) {
    Bytes message;
    std::size_t at = 0;
    while (at < wire.size()) {
        const ByteView rest = wire.subspan(at);
        if (rest[0] != kHandshakeRecord)
            return at == 0 ? refused(HelloStatus::not_tls, "it does not begin with a TLS handshake")
                           : malformed("a record of another type is inside the ClientHello");
        if (rest.size() > 1 && rest[1] != 3)
            return at == 0 ? refused(HelloStatus::not_tls, "it does not begin with a TLS version")
                           : malformed("a record has no TLS version");
        if (rest.size() < kRecordHeader) break;
        const std::size_t length = static_cast<std::size_t>(rest[3]) << 8 | rest[4];
        // RFC 8446 section 5.1: no empty fragments of handshake messages, no more than 2^14 bytes.
        if (length == 0 || length > kMaxRecord)
            return malformed("a record's length is not allowed");

        const ByteView fragment =
            rest.subspan(kRecordHeader).first(std::min(length, rest.size() - kRecordHeader));
        message.insert(message.end(), fragment.begin(), fragment.end());
        if (!message.empty() && message[0] != kClientHelloMessage)
            return malformed("the first message is not a ClientHello");
        if (message.size() >= kMessageHeader) {
            const std::size_t body = static_cast<std::size_t>(message[1]) << 16 |
                                     static_cast<std::size_t>(message[2]) << 8 | message[3];
            if (body > kMaxClientHello - kMessageHeader)
                return refused(HelloStatus::too_large, "the ClientHello is longer than 16 KiB");
            if (message.size() >= kMessageHeader + body)
                return parse_client_hello(ByteView(message).subspan(kMessageHeader, body));
        }
        at += kRecordHeader + length;
        if (at >= kMaxClientHelloWire) break;
    }
    if (wire.size() >= kMaxClientHelloWire)
        return refused(HelloStatus::too_large, "the ClientHello's records are longer than 32 KiB");
    return {};
}

HelloResult parse_client_hello(ByteView body) {
    HelloResult result;
    ClientHello& hello = result.hello;
    Reader reader(body);
    const auto version = reader.number(2);
    const auto random = reader.take(32);
    const auto session_id = random ? reader.vector(1) : std::nullopt;
    if (!version || !session_id || session_id->size() > 32)
        return malformed("the ClientHello's beginning is malformed");

    const auto ciphers = reader.vector(2);
    if (!ciphers || ciphers->empty() || ciphers->size() % 2 != 0)
        return malformed("the list of cipher suites is malformed");
    Reader cipher_list(*ciphers);
    while (const auto cipher = cipher_list.number(2)) hello.ciphers.push_back(*cipher);

    const auto compression = reader.vector(1);
    if (!compression || compression->empty())
        return malformed("the list of compression methods is malformed");

    if (!reader.at_end()) {  // a hello without extensions is legal before TLS 1.3
        const auto extensions = reader.vector(2);
        if (!extensions || !reader.at_end())
            return malformed("the list of extensions does not fill the ClientHello");
        std::string wrong = read_extensions(*extensions, hello);
        if (!wrong.empty()) return malformed(std::move(wrong));
    }
    if (hello.versions.empty()) hello.versions.push_back(*version);
    hello.raw.assign(body.begin(), body.end());
    hello.ja4 = ja4_of(hello);
    result.status = HelloStatus::complete;
    return result;
}

}  // namespace postern::tls
