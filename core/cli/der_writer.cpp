#include "core/cli/der_writer.h"

#include <charconv>
#include <ctime>

namespace postern::cli::der {
namespace {

void append(Bytes& to, ByteView more) {
    to.insert(to.end(), more.begin(), more.end());
}

void append_length(Bytes& to, std::size_t length) {
    if (length < 0x80) {
        to.push_back(static_cast<std::uint8_t>(length));
        return;
    }
    int bytes = 0;
    for (auto rest = length; rest > 0; rest >>= 8) ++bytes;
    to.push_back(static_cast<std::uint8_t>(0x80 | bytes));
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(length >> shift));
}

void append_base128(Bytes& to, std::uint32_t number) {
    int groups = 1;
    while (number >> (7 * groups) != 0 && groups < 5) ++groups;
    for (int i = groups - 1; i >= 0; --i)
        to.push_back(
            static_cast<std::uint8_t>(((number >> (7 * i)) & 0x7f) | (i > 0 ? 0x80u : 0u)));
}

}  // namespace

Bytes value(Tag tag, ByteView content) {
    Bytes whole;
    whole.reserve(content.size() + 6);
    whole.push_back(static_cast<std::uint8_t>(tag));
    append_length(whole, content.size());
    append(whole, content);
    return whole;
}

Bytes sequence(std::initializer_list<ByteView> parts) {
    Bytes content;
    for (const auto part : parts) append(content, part);
    return value(Tag::sequence, content);
}

Bytes integer(std::uint64_t number) {
    Bytes content;
    for (int shift = 56; shift >= 0; shift -= 8) {
        const auto byte = static_cast<std::uint8_t>(number >> shift);
        if (content.empty() && byte == 0 && shift > 0) continue;
        if (content.empty() && (byte & 0x80)) content.push_back(0);
        content.push_back(byte);
    }
    return value(Tag::integer, content);
}

Bytes integer(ByteView big_endian) {
    return value(Tag::integer, big_endian);
}

Bytes bit_string(ByteView whole_bytes) {
    Bytes content{0};  // no unused bits
    append(content, whole_bytes);
    return value(Tag::bit_string, content);
}

Bytes object_identifier(std::string_view dotted) {
    Bytes content;
    std::uint32_t first = 0;
    for (int index = 0; !dotted.empty(); ++index) {
        std::uint32_t arc = 0;
        const auto end = std::from_chars(dotted.data(), dotted.data() + dotted.size(), arc).ptr;
        dotted.remove_prefix(static_cast<std::size_t>(end - dotted.data()));
        if (!dotted.empty()) dotted.remove_prefix(1);
        if (index == 0)
            first = arc;
        else
            append_base128(content, index == 1 ? first * 40 + arc : arc);
    }
    return value(Tag::object_identifier, content);
}

Bytes time(std::int64_t seconds_since_epoch) {
    const std::time_t seconds = seconds_since_epoch;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    const bool short_year = utc.tm_year >= 50 && utc.tm_year < 150;
    char text[32];
    const auto length =
        std::strftime(text, sizeof text, short_year ? "%y%m%d%H%M%SZ" : "%Y%m%d%H%M%SZ", &utc);
    return value(short_year ? Tag::utc_time : Tag::generalized_time,
                 as_bytes(std::string_view(text, length)));
}

}  // namespace postern::cli::der
