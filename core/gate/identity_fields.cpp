#include "core/gate/identity_fields.h"

#include <array>

#include <arpa/inet.h>

namespace postern::gate {
namespace {

// RFC 3986 section 2.1. Nothing that ends a field or a line is left as it is.
std::string percent_encoded(std::string_view text, std::string_view also = {}) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        const bool plain =
            octet >= 0x20 && octet < 0x7f && c != '%' && also.find(c) == std::string_view::npos;
        if (plain) {
            encoded += c;
        } else {
            encoded.append({'%', kDigits[octet >> 4], kDigits[octet & 15]});
        }
    }
    return encoded;
}

// RFC 8941 section 3.3.5
std::string byte_sequence(const Bytes& bytes) {
    return ":" + to_base64(bytes) + ":";
}

std::string address_of(const Bytes& octets) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = octets.size() == 4 ? AF_INET : AF_INET6;
    if ((octets.size() != 4 && octets.size() != 16) ||
        ::inet_ntop(family, octets.data(), text.data(), text.size()) == nullptr) {
        return to_hex(octets);
    }
    return text.data();
}

Result<void> add(net::HttpHeaders& fields, std::string_view name, const std::string& value) {
    if (value.size() > kMaxIdentityField) {
        return Error{Fault::refused, std::string(name) + " would have " +
                                         std::to_string(value.size()) + " bytes, of at most " +
                                         std::to_string(kMaxIdentityField)};
    }
    fields.add(name, value);
    return {};
}

std::size_t size_of(const net::HttpHeaders& fields) {
    std::size_t size = 0;
    for (const net::HttpHeader field : fields.all()) {
        const bool told = !net::equal_ignoring_case(field.name, "Authorization");
        if (told) size += field.name.size() + field.value.size();
    }
    return size;
}

// RFC 9440 section 2.3: an upstream can do without the chain.
void add_chain_if_it_fits(const tls::Chain& chain, net::HttpHeaders& fields) {
    std::string above;
    for (std::size_t i = 1; i + 1 < chain.size(); ++i) {
        if (!above.empty()) above += ", ";
        above += byte_sequence(chain.certificates()[i].der);
    }
    if (above.empty() || above.size() > kMaxIdentityField ||
        size_of(fields) + above.size() > kMaxIdentityFields) {
        return;
    }
    fields.add("Client-Cert-Chain", above);
}

Result<void> add_x_client(const tls::Certificate& leaf, const tls::Identity& identity,
                          net::HttpHeaders& fields) {
    const std::array<std::pair<std::string_view, std::string>, 5> all{{
        {"X-Client-Identity", percent_encoded(identity.name)},
        {"X-Client-Anchor", identity.anchor},
        {"X-Client-Subject", percent_encoded(leaf.subject_text)},
        {"X-Client-SAN", names_text(leaf)},
        {"X-Client-Fingerprint", to_hex(leaf.sha256)},
    }};
    for (const auto& [name, value] : all) {
        if (value.empty()) continue;
        if (auto added = add(fields, name, value); !added) return added;
    }
    return {};
}

}  // namespace

Result<void> add_identity_fields(const config::Route& route, const tls::ChainRef& chain,
                                 const tls::Identity& identity, net::HttpHeaders& fields) {
    if (!chain || chain->size() == 0) return {};
    if (route.client_cert_headers) {
        auto added = add(fields, "Client-Cert", byte_sequence(chain->leaf().der));
        if (!added) return added;
    }
    if (route.x_client_headers) {
        if (auto added = add_x_client(chain->leaf(), identity, fields); !added) return added;
    }
    if (size_of(fields) > kMaxIdentityFields) {
        return Error{Fault::refused, "what is told of the client would have more than " +
                                         std::to_string(kMaxIdentityFields) + " bytes"};
    }
    if (route.client_cert_headers) add_chain_if_it_fits(*chain, fields);
    return {};
}

std::string names_text(const tls::Certificate& certificate) {
    std::string text;
    const auto name = [&text](std::string_view kind, std::string_view value) {
        if (!text.empty()) text += ", ";
        text.append(kind).append(percent_encoded(value, ", "));
    };
    for (const std::string& uri : certificate.san_uri) name("URI:", uri);
    for (const std::string& dns : certificate.san_dns) name("DNS:", dns);
    for (const std::string& email : certificate.san_email) name("email:", email);
    for (const Bytes& address : certificate.san_ip) name("IP:", address_of(address));
    return text;
}

}  // namespace postern::gate
