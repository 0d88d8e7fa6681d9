#include "core/tls/der.h"

namespace postern::tls {

std::optional<DerElement> DerReader::next() {
    if (rest_.size() < 2) return std::nullopt;
    const std::uint8_t tag = rest_[0];
    if ((tag & 0x1f) == 0x1f) return std::nullopt;  // X.509 has no long tags

    std::size_t length = rest_[1];
    std::size_t header = 2;
    if (length >= 0x80) {
        const std::size_t octets = length & 0x7f;
        if (octets == 0 || octets > 4 || rest_.size() < 2 + octets) return std::nullopt;
        if (rest_[2] == 0) return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < octets; ++i) length = length << 8 | rest_[2 + i];
        if (length < 0x80) return std::nullopt;
        header += octets;
    }
    if (length > rest_.size() - header) return std::nullopt;

    DerElement element{tag, rest_.subspan(header, length), rest_.first(header + length)};
    rest_ = rest_.subspan(header + length);
    return element;
}

std::optional<DerElement> DerReader::next(std::uint8_t tag) {
    if (rest_.empty() || rest_[0] != tag) return std::nullopt;
    return next();
}

std::optional<DerElement> der_single(ByteView bytes, std::uint8_t tag) {
    DerReader reader(bytes);
    auto element = reader.next(tag);
    if (!element || !reader.at_end()) return std::nullopt;
    return element;
}

std::optional<std::size_t> der_count(ByteView content, std::size_t limit) {
    DerReader reader(content);
    std::size_t count = 0;
    while (!reader.at_end()) {
        if (!reader.next() || ++count > limit) return std::nullopt;
    }
    return count;
}

std::string der_oid_text(ByteView content) {
    if (content.empty() || content.size() > 128 || (content.back() & 0x80) != 0) return {};
    std::string text;
    std::uint64_t arc = 0;
    bool first = true;
    bool start_of_arc = true;
    for (const std::uint8_t octet : content) {
        if (start_of_arc && octet == 0x80) return {};  // X.690 8.19.2: shortest form
        if (arc >> 56 != 0) return {};
        arc = arc << 7 | (octet & 0x7fU);
        start_of_arc = (octet & 0x80) == 0;
        if (!start_of_arc) continue;
        if (first) {
            const std::uint64_t root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
            text = std::to_string(root) + "." + std::to_string(arc - 40 * root);
            first = false;
        } else {
            text += "." + std::to_string(arc);
        }
        arc = 0;
    }
    return text;
}

}  // namespace postern::tls
