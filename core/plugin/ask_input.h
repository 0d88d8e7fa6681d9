#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/pipeline.h"

namespace postern::plugin {

// What a phase shows to plugins: the SDK's structs as views over the shared input, which it keeps.
// Made once for all plugins of a phase. While it has not escaped (to a waiting operation or to
// another thread) every reference is the connection's, which may then use it again.
struct AskInput {
    std::uint32_t phase = 0;
    bool escaped = false;
    std::size_t chain_length = 0;  // facts that may be read
    std::shared_ptr<const void> source;

    postern_client_hello hello{};
    postern_peer_cert certificate{};
    postern_session session{};
    postern_request request{};
    postern_quota_request quota{};

    std::vector<postern_str> alpn;
    std::vector<postern_bytes> staples;
    std::array<postern_kv, 3> keys{};
    std::string peer_text;
};

enum class Quota : bool { unwanted = false, wanted = true };

void show_accept(AskInput& input, const Endpoint& peer, Quota quota);
void show(AskInput& input, std::shared_ptr<const tls::ClientHello> hello, Quota quota);
void show(AskInput& input, std::shared_ptr<const PeerCertificate> certificate, Quota quota);
void show(AskInput& input, std::shared_ptr<const Established> session, Quota quota);
void show(AskInput& input, std::shared_ptr<const Request> request, Quota quota);

}  // namespace postern::plugin
