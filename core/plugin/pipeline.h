#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/base/reason_table.h"
#include "core/base/result.h"
#include "core/base/scheduler.h"
#include "core/config/configuration.h"
#include "core/tls/chain.h"
#include "core/tls/client_hello.h"
#include "postern/plugin.h"

namespace postern::plugin {

class Environment;  // environment.h: clock, pool, timers, services
class Loader;       // loader.h

// What one plugin said last, for whoami and the audit trail.
struct Answer {
    std::string plugin;
    std::uint32_t phase = 0;   // POSTERN_PHASE_*
    std::uint32_t action = 0;  // POSTERN_ACTION_*
    Reason reason = 0;
    bool observed = false;                 // mode = "observe": it did not count
    std::vector<postern_rev_entry> facts;  // revocation: as reported, leaf first
};

// What the pipeline says in one phase.
struct Outcome {
    bool allowed = true;
    Reason reason = 0;           // when refused
    std::uint8_t tls_alert = 0;  // 0: the reason table's
    std::uint64_t retry_after_ns = 0;
    std::string plugin;           // who refused
    std::string detail;           // for the log
    std::vector<Answer> answers;  // of a review: what each plugin said
    bool pinned = false;  // a pinning plugin in enforce said ALLOW: what trust = "pin" asks for
};

// Inputs are shared because an operation may outlive its connection; they never change after the
// ask. Chains are never null in PeerCertificate::presented.
struct PeerCertificate {
    std::uint32_t verify_flags = 0;
    std::string hostname;
    tls::ChainRef presented;
    tls::ChainRef verified;
    std::vector<Bytes> staples;
};
struct Established {
    std::uint16_t version = 0;
    std::uint16_t cipher = 0;
    std::string alpn;
    std::string sni;
    tls::ChainRef peer;
    std::string identity;
    std::string hostname;
    std::uint32_t verify_flags = 0;
};
struct Request {
    std::uint32_t era = POSTERN_ERA_UNKNOWN;
    std::uint32_t name_kind = POSTERN_NAME_NONE;
    std::string route;
    std::string route_path;
    std::string path;
    std::string http_method;
    std::string method;
    std::string name;
    std::string identity;
    std::string session;
    std::uint64_t body_size = 0;
    tls::ChainRef peer;
};
struct Close {
    Reason reason = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t duration_ns = 0;
};

// Unique in the life of the process, for either end. Any thread.
[[nodiscard]] postern_conn_id next_connection_id();

// Which end of its connections a pipeline is asked at. A client is asked about the server's
// certificate and once it is established: nobody comes to it, says hello or makes requests.
enum class Role : std::uint8_t { server, client };

// The plugins of a listener, or of the way to an upstream, in order, each with its policy.
// Immutable once started; shared by all loops.
class Pipeline {
public:
    // Loads, creates and configures every entry: nothing has effects yet. The error has file, line
    // and column of the entry or key. `name` is the listener's, or says which way out: for the log,
    // for Environment::Changed and for the folder of the plugins' store, so no two are alike.
    // Blocks.
    [[nodiscard]] static Result<std::shared_ptr<Pipeline>> build(
        Loader& loader, Environment& environment, const std::vector<config::PipelineEntry>& entries,
        const std::string& name, Role role);
    // Drains, waits for outstanding operations (10 s at most from now, however many others wait;
    // then what still owes one stays for good), destroys. All that on the environment's retirement
    // thread, since the last reference often falls on a loop; Environment::settle() waits for it.
    ~Pipeline();

    [[nodiscard]] Result<void> start();
    // Of every plugin's policy and of the entries' modes; for ticket keys. Asked again after
    // changed(POLICY). Main thread.
    [[nodiscard]] Result<Digest256> policy_digest();

    [[nodiscard]] bool wants(std::uint32_t phase) const;
    [[nodiscard]] bool empty() const;

    class State;
    [[nodiscard]] const std::shared_ptr<State>& state() const { return state_; }

private:
    explicit Pipeline(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

// One connection's way through a pipeline: its slots, what it has taken from limiters, what is
// outstanding. Belongs to one scheduler (loop); every function is called there. One ask at a time.
class ConnectionPipeline {
public:
    struct Facts {
        postern_conn_id connection = 0;
        Endpoint peer{};
        Endpoint local{};
        std::uint32_t flags = 0;  // POSTERN_CONN_*, but for INBOUND: the pipeline's role says it
    };
    using Done = std::function<void(Outcome)>;

    ConnectionPipeline(std::shared_ptr<const Pipeline> pipeline, Scheduler& scheduler, Facts facts);
    // close() with reason FINISHED if it was not called. What plugins still owe outlives this.
    ~ConnectionPipeline();
    ConnectionPipeline(const ConnectionPipeline&) = delete;
    ConnectionPipeline& operator=(const ConnectionPipeline&) = delete;

    // Each asks the plugins in order; the first deny wins. The outcome comes at once when no plugin
    // waits; else nothing is returned and `done` runs later on the scheduler, once, unless close()
    // came first.
    [[nodiscard]] std::optional<Outcome> accept(Done done);
    [[nodiscard]] std::optional<Outcome> client_hello(std::shared_ptr<const tls::ClientHello> hello,
                                                      Done done);
    [[nodiscard]] std::optional<Outcome> peer_certificate(
        std::shared_ptr<const PeerCertificate> certificate, Done done);
    [[nodiscard]] std::optional<Outcome> established(std::shared_ptr<const Established> session,
                                                     Done done);
    [[nodiscard]] std::optional<Outcome> request(std::shared_ptr<const Request> request, Done done);
    // Gives back what request() took; after every request that was allowed (each element of a
    // batch).
    void request_finished();

    // True from an ask that returned nothing until its `done` has run.
    [[nodiscard]] bool asking() const;

    void set_resumed();  // from now on calls carry POSTERN_CONN_RESUMED
    void close(const Close& info);

    [[nodiscard]] std::vector<Answer> answers() const;
    // What this very pipeline said in a review before this connection came over to it.
    void take_over(const std::vector<Answer>& answers);

    class State;

private:
    std::shared_ptr<State> state_;
};

// Asks the peer-certificate phase again without a connection: REVIEW after changed(FACTS) or a new
// generation, DRY_RUN for explain. `done` as above.
[[nodiscard]] std::optional<Outcome> review(const std::shared_ptr<const Pipeline>& pipeline,
                                            Scheduler& scheduler, std::uint32_t flags,
                                            std::shared_ptr<const PeerCertificate> certificate,
                                            ConnectionPipeline::Done done);

}  // namespace postern::plugin
