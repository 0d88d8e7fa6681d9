#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/reason_table.h"
#include "core/plugin/pipeline.h"
#include "core/tls/client_context.h"
#include "core/tls/client_session.h"

namespace postern::upstream {

// The way out: handshake, the server's certificate, established. The host judges the certificate,
// then the pipeline is asked and may wait; the first no ends it. On a resumed session, where GnuTLS
// asks nobody, all of it comes after the handshake and before the first byte. Loop thread.
class ServerAdmission {
public:
    struct Refusal {
        Reason reason = 0;
        std::string_view phase;
        std::string plugin;  // empty: the host itself, or the server
        std::string detail;
    };
    enum class Progress { admitted, want_io, asking, refused };

    // `answered` runs on the loop when a plugin has answered that was waited for. Session and
    // pipeline outlive this.
    ServerAdmission(std::shared_ptr<const tls::ClientContext> context, tls::ClientSession& session,
                    plugin::ConnectionPipeline& pipeline, std::function<void()> answered);
    ServerAdmission(const ServerAdmission&) = delete;
    ServerAdmission& operator=(const ServerAdmission&) = delete;

    // Goes as far as it can. refused: the server has been sent its alert.
    [[nodiscard]] Progress advance();

    [[nodiscard]] const Refusal& refusal() const { return refusal_; }
    [[nodiscard]] const tls::ChainRef& presented() const { return presented_; }
    // Seconds since the epoch: the first notAfter of what was judged.
    [[nodiscard]] std::int64_t valid_until() const { return valid_until_; }

private:
    enum class Step : std::uint8_t { handshake, certificate, established, admitted, refused };

    [[nodiscard]] std::optional<Progress> shake_hands();
    void judge();
    void take_certificate_answer(const plugin::Outcome& outcome);
    void ask_established();
    [[nodiscard]] plugin::ConnectionPipeline::Done when_answered();
    void refuse(const plugin::Outcome& outcome, std::string_view phase);
    void refuse(Refusal refusal, std::uint8_t alert);

    std::shared_ptr<const tls::ClientContext> context_;
    tls::ClientSession& session_;
    plugin::ConnectionPipeline& pipeline_;
    std::function<void()> answered_;
    tls::ChainRef presented_;
    tls::ChainRef verified_;  // under trust = "pin" what was presented
    std::uint32_t verify_flags_ = 0;
    std::int64_t valid_until_ = 0;
    std::optional<plugin::Outcome> outcome_;  // of the question that is open
    Refusal refusal_;
    Step step_ = Step::handshake;
    bool handshake_done_ = false;
};

}  // namespace postern::upstream
