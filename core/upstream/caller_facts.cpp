#include "core/upstream/caller_facts.h"

#include <array>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/reason_table.h"
#include "core/base/units.h"

namespace postern::upstream {
namespace {

std::string phase_name(std::uint32_t phase) {
    constexpr std::array<std::string_view, 7> kNames{
        "", "accept", "client_hello", "peer_certificate", "established", "request", "close"};
    return phase < kNames.size() ? std::string(kNames.at(phase)) : std::to_string(phase);
}

std::string action_name(std::uint32_t action) {
    constexpr std::array<std::string_view, 4> kNames{"abstain", "allow", "deny", "delay"};
    return action < kNames.size() ? std::string(kNames.at(action)) : std::to_string(action);
}

CallerFacts::Certificate describe(const tls::Certificate& certificate) {
    return {certificate.subject_text, certificate.issuer_text, to_hex(certificate.serial),
            to_hex(certificate.sha256), format_time(certificate.not_after)};
}

}  // namespace

CallerFacts facts_of(net::Caller& caller) {
    CallerFacts facts;
    facts.listener = caller.listener();
    facts.peer = endpoint_text(caller.peer());
    if (caller.uses_tls()) {
        facts.tls = CallerFacts::Tls{caller.tls_version(), caller.tls_cipher(),
                                     caller.tls_resumed(), caller.sni()};
    }
    facts.identity = caller.identity().name;
    facts.anchor = caller.identity().anchor;
    const tls::ChainRef chain = caller.chain();
    if (chain && chain->size() > 0) facts.certificate = describe(chain->leaf());
    for (const plugin::Answer& answer : caller.pipeline().answers()) {
        facts.plugins.push_back(
            {answer.plugin, phase_name(answer.phase), action_name(answer.action),
             answer.reason == 0 ? std::string() : std::string(reason_row(answer.reason).name),
             answer.observed});
    }
    return facts;
}

}  // namespace postern::upstream
