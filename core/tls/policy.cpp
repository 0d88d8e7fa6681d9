#include "core/tls/policy.h"

#include <vector>

#include "core/tls/server_context.h"

namespace postern::tls {
namespace {

struct Policy {
    std::string_view name;
    std::string_view versions;
    std::string_view key_exchange;
};

// After Mozilla's "modern" and "intermediate": ECDHE and AEAD only, no static RSA, no DHE. TLS 1.3
// asks for no key exchange by name.
constexpr Policy kPolicies[] = {
    {"intermediate-2026", "+VERS-TLS1.3:+VERS-TLS1.2", "+ECDHE-ECDSA:+ECDHE-RSA"},
    {"modern-2026", "+VERS-TLS1.3", "+ECDHE-ECDSA:+ECDHE-RSA"},
};

constexpr std::string_view kCiphers = "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD";
constexpr std::string_view kHybridGroup = "+GROUP-X25519-MLKEM768";  // GnuTLS 3.8.8 and later
constexpr std::string_view kGroups = "+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1";
// ECDSA twice: GnuTLS names the schemes of TLS 1.3 by curve, those of 1.2 by hash alone. The
// RSA-SHA ones sign handshakes in TLS 1.2 and certificates in both.
constexpr std::string_view kSignatures =
    "+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SECP521R1-SHA512"
    ":+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SHA512"
    ":+SIGN-EDDSA-ED25519:+SIGN-EDDSA-ED448"
    ":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512"
    ":+SIGN-RSA-PSS-SHA256:+SIGN-RSA-PSS-SHA384:+SIGN-RSA-PSS-SHA512"
    ":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512";

struct Suite {
    std::uint16_t number;
    std::string_view name;
};
constexpr Suite kSuites[] = {
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
};

std::string_view cipher_name(std::uint16_t number) {
    for (const Suite& suite : kSuites)
        if (suite.number == number) return suite.name;
    return {};
}

std::string priority(const Policy& policy, std::string_view groups) {
    std::string text = "NONE";
    for (const std::string_view part : {policy.versions, policy.key_exchange, kCiphers, groups,
                                        std::string_view("+CTYPE-X509:+COMP-NULL"), kSignatures,
                                        std::string_view("%PROFILE_MEDIUM:%SERVER_PRECEDENCE")})
        text.append(":").append(part);
    return text;
}

PriorityOwner accepted(const std::string& text) {
    gnutls_priority_t handle = nullptr;
    if (gnutls_priority_init(&handle, text.c_str(), nullptr) < 0) return nullptr;
    return PriorityOwner(handle);
}

void append_suites(gnutls_priority_t handle, std::string& text) {
    for (unsigned i = 0;; ++i) {
        unsigned index = 0;
        const int status = gnutls_priority_get_cipher_suite_index(handle, i, &index);
        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return;
        if (status < 0) continue;  // a combination that has no suite
        unsigned char id[2] = {};
        const char* name = gnutls_cipher_suite_info(index, id, nullptr, nullptr, nullptr, nullptr);
        if (name == nullptr) continue;
        const auto number = static_cast<std::uint16_t>(id[0] << 8 | id[1]);
        const std::string_view known = cipher_name(number);
        text.append("suite ").append(known.empty() ? std::string_view(name) : known).append("\n");
    }
}

// `read` gives the policy's numbers, `name` a number's name.
void append_list(std::string& text, std::string_view word, gnutls_priority_t handle,
                 int (*read)(gnutls_priority_t, const unsigned**), const char* (*name)(unsigned)) {
    const unsigned* list = nullptr;
    const int count = read(handle, &list);
    for (int i = 0; i < count; ++i)
        text.append(word).append(" ").append(name(list[i])).append("\n");
}

}  // namespace

Result<std::string> policy_priority(std::string_view name) {
    for (const Policy& policy : kPolicies) {
        if (policy.name != name) continue;
        std::string text = priority(policy, std::string(kHybridGroup) + ":" + std::string(kGroups));
        if (accepted(text)) return text;
        text = priority(policy, kGroups);
        if (accepted(text)) return text;
        return internal_error("this GnuTLS (" + library_version() + ") does not know the policy " +
                              std::string(name));
    }
    std::string known;
    for (const Policy& policy : kPolicies)
        known.append(known.empty() ? "" : ", ").append(policy.name);
    return configuration_error("unknown TLS policy \"" + std::string(name) + "\"; there are " +
                               known);
}

Result<PriorityOwner> open_policy(const std::string& name) {
    const auto text = policy_priority(name);
    if (!text) return text.error();
    PriorityOwner handle = accepted(*text);
    if (!handle) return internal_error("GnuTLS refuses the TLS policy " + name);
    return handle;
}

std::uint16_t cipher_number(std::string_view iana_name) {
    for (const Suite& suite : kSuites)
        if (suite.name == iana_name) return suite.number;
    return 0;
}

std::vector<std::string> policy_names() {
    std::vector<std::string> names;
    for (const Policy& policy : kPolicies) names.emplace_back(policy.name);
    return names;
}

Result<std::string> describe_policy(const std::string& name) {
    const auto policy = open_policy(name);
    if (!policy) return policy.error();
    gnutls_priority_t handle = policy->get();

    std::string lines;
    append_list(lines, "version", handle, gnutls_priority_protocol_list, [](unsigned id) {
        return gnutls_protocol_get_name(static_cast<gnutls_protocol_t>(id));
    });
    append_suites(handle, lines);
    append_list(lines, "group", handle, gnutls_priority_group_list,
                [](unsigned id) { return gnutls_group_get_name(static_cast<gnutls_group_t>(id)); });
    append_list(lines, "signature", handle, gnutls_priority_sign_list, [](unsigned id) {
        return gnutls_sign_get_name(static_cast<gnutls_sign_algorithm_t>(id));
    });
    return lines;
}

}  // namespace postern::tls
