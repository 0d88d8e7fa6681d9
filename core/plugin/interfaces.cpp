#include "core/plugin/interfaces.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/plugin/adopt.h"
#include "core/plugin/module_adoption.h"

namespace postern::plugin {
namespace {

// Nothing in `out` unless the descriptor lists it.
template <class Table>
Result<void> adopt_table(const std::vector<std::string>& listed, const postern_instance& instance,
                         const char* id, std::size_t required, std::optional<Table>& out) {
    if (std::find(listed.begin(), listed.end(), id) == listed.end()) return {};
    const auto* theirs = static_cast<const Table*>(instance.get_interface(instance.self, id));
    out = adopt(theirs, required);
    if (out) return {};
    return configuration_error(std::string("lists the interface ") + id + " and gives " +
                               (theirs == nullptr ? "none" : "a table that is too short"));
}

bool wants_validator(const postern_validator& table, std::uint32_t phase) {
    switch (phase) {
        case POSTERN_PHASE_ACCEPT:
            return table.on_accept != nullptr;
        case POSTERN_PHASE_CLIENT_HELLO:
            return table.on_client_hello != nullptr;
        case POSTERN_PHASE_PEER_CERTIFICATE:
            return table.on_peer_certificate != nullptr;
        case POSTERN_PHASE_ESTABLISHED:
            return table.on_established != nullptr;
        case POSTERN_PHASE_REQUEST:
            return table.on_request != nullptr;
        default:
            return false;
    }
}

Result<void> check_required(const Interfaces& tables) {
    if (tables.pinning && tables.pinning->evaluate == nullptr) {
        return configuration_error("has no evaluate function in its pinning interface");
    }
    if (tables.revocation && tables.revocation->check == nullptr) {
        return configuration_error("has no check function in its revocation interface");
    }
    if (tables.limiter && tables.limiter->acquire == nullptr) {
        return configuration_error("has no acquire function in its rate limit interface");
    }
    if (!tables.validator && !tables.pinning && !tables.revocation && !tables.limiter) {
        return configuration_error("lists no interface that this Postern knows");
    }
    return {};
}

}  // namespace

bool Interfaces::wants(std::uint32_t phase, AskKind kind) const {
    switch (kind) {
        case AskKind::validator:
            return validator && wants_validator(*validator, phase);
        case AskKind::pinning:
            return pinning &&
                   (phase == POSTERN_PHASE_PEER_CERTIFICATE ||
                    (phase == POSTERN_PHASE_ESTABLISHED && pinning->on_established != nullptr));
        case AskKind::revocation:
            return revocation && phase == POSTERN_PHASE_PEER_CERTIFICATE;
        case AskKind::limiter:
            return limiter && phase != POSTERN_PHASE_PEER_CERTIFICATE &&
                   phase != POSTERN_PHASE_CLOSE;
    }
    return false;
}

Result<Interfaces> adopt_interfaces(const postern_descriptor& descriptor,
                                    const postern_instance& instance) {
    const std::vector<std::string> listed = id_list(descriptor.interfaces);
    Interfaces tables;
    auto adopted = adopt_table(listed, instance, POSTERN_IF_VALIDATOR,
                               POSTERN_THROUGH(postern_validator, reserved), tables.validator);
    if (!adopted) return adopted.error();
    adopted = adopt_table(listed, instance, POSTERN_IF_PINNING,
                          POSTERN_THROUGH(postern_pinning, evaluate), tables.pinning);
    if (!adopted) return adopted.error();
    adopted = adopt_table(listed, instance, POSTERN_IF_REVOCATION,
                          POSTERN_THROUGH(postern_revocation, check), tables.revocation);
    if (!adopted) return adopted.error();
    adopted = adopt_table(listed, instance, POSTERN_IF_RATELIMIT,
                          POSTERN_THROUGH(postern_ratelimit, acquire), tables.limiter);
    if (!adopted) return adopted.error();
    if (auto checked = check_required(tables); !checked) return checked.error();
    return tables;
}

}  // namespace postern::plugin
