// Patterns of rules and what they are held against, in the same bytes: "PATTERN\nTEXT".
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugins/validator/identity.h"
#include "plugins/validator/question.h"

using namespace postern::validator;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line = input.find('\n');
    const std::string pattern(input.substr(0, line));
    const std::string text(line == std::string_view::npos ? "" : input.substr(line + 1));

    for (const auto form : {Pattern::Form::name, Pattern::Form::segments}) {
        if (!Pattern::fault(pattern, form).empty()) continue;
        const Pattern good(pattern, form);
        // Whatever matches begins as the pattern does, and what has no star is itself alone.
        const bool matches = good.matches(text);
        if (matches && text.compare(0, good.head().size(), good.head()) != 0) std::abort();
        if (good.exact() && matches != (text == pattern)) std::abort();
    }
    Peer peer;
    peer.present = peer.verified = true;
    peer.uris = {text};
    peer.dns_names = {lower_case(text)};
    peer.mailboxes = {mailbox_key(text)};
    peer.subject = peer.issuer = split_subject(text);
    for (const char* kind : {"uri", "dns", "email", "dn", "issuer", "key", "certificate"}) {
        Identity identity;
        if (!add_condition(identity, kind, pattern).empty()) continue;
        // The index finds nobody but whom the identity itself stands for.
        const bool matches = identity.matches(peer);
        IdentityIndex index;
        static_cast<void>(index.add_list({identity}));
        if (matches == index.lists_of(peer).empty()) std::abort();
    }
    if (resource_fault(text).empty() && text.find("/../") != std::string::npos &&
        text.find('?') == std::string::npos) {
        std::abort();
    }
    static_cast<void>(question_of(pattern, text));
    return 0;
}
