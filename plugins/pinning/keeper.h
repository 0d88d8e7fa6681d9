#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "held.h"
#include "peer.h"
#include "pin_sources.h"
#include "postern/plugin.hpp"
#include "settings.h"

namespace postern::pinning {

// Keeps what is held true to its sources and to the clock, and writes what first uses add to the
// store.
class Keeper {
public:
    explicit Keeper(sdk::Host host)
        : host_(host), log_(host), clock_(host), store_(host), crypto_(host), x509_(host) {}

    // Reads all sources. Leaves by sdk::Error where one of them is wrong, or nothing is held and
    // nothing can come to be. [main]
    void configure(const sdk::Config& config, Settings settings);
    void say_what_is_held() const;

    [[nodiscard]] std::shared_ptr<const Known> known() const { return held_.current(); }

    // Looks at the sources again, and tells the host where pins came, went or ran out. Blocks on
    // the disk: a pool thread.
    void refresh();

    // Proof of possession is done, and no pin holds the peer: writes a pin for its name, or one
    // that waits for approval. What holds of it then. Blocks on the disk: a pool thread.
    [[nodiscard]] sdk::Verdict remember(const Peer& peer);

private:
    void refresh_locked();
    [[nodiscard]] std::shared_ptr<const Known> read() const;
    [[nodiscard]] sdk::Verdict pin_first(const Peer& peer);
    [[nodiscard]] sdk::Verdict ask_approval(const Peer& peer);
    [[nodiscard]] postern_rc write(const std::string& name, const Pin& pin);

    sdk::Host host_;
    sdk::Log log_;
    sdk::Clock clock_;
    sdk::Store store_;
    sdk::Crypto crypto_;
    sdk::X509 x509_;
    Settings settings_;
    Held held_;
    std::mutex mutex_;  // one refresh or first use at a time: what follows is theirs
    std::optional<PinSources> sources_;
    std::int64_t looked_at_ = 0;  // wall clock, seconds: what had run out by then has been told
};

// How many pins may wait for approval; strangers make them.
inline constexpr std::size_t kMaxPending = 100;

}  // namespace postern::pinning
