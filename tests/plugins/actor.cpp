// A plugin that does as its configuration says, also what no plugin may do. Against the bare ABI,
// so that nothing between it and the host makes up for it. Built once for each interface and thread
// model: ACTOR_INTERFACE is one of the letters below, ACTOR_THREADS a POSTERN_THREADS_*.
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "postern/plugin.h"

namespace {

postern_str text(const std::string& value) {
    return {value.data(), value.size()};
}

struct Actor {
    const postern_host* host = nullptr;
    const postern_config* config = nullptr;
    const postern_metrics* metrics = nullptr;
    std::string behaviour = "abstain";
    std::uint64_t delay_ns = 0;
    std::uint32_t fact = POSTERN_REV_UNKNOWN;

    std::uint32_t calls = 0, closes = 0, cancels = 0, releases = 0, accepted = 0, stale = 0;

    std::mutex mutex;
    std::condition_variable changed;
    bool draining = false;
    std::vector<std::thread> threads;
    std::atomic<postern_op> last{0};
};

void count(Actor& actor, std::uint32_t metric) {
    actor.metrics->add(actor.host, metric, 1);
}

void complete(Actor& actor, postern_op op, std::uint32_t action) {
    postern_verdict verdict{};
    verdict.struct_size = sizeof verdict;
    verdict.action = action;
    const postern_rc rc = actor.host->complete(actor.host, op, POSTERN_OK, &verdict);
    count(actor, rc == POSTERN_OK ? actor.accepted : actor.stale);
}

void in_thread(Actor& actor, void (*work)(Actor&, postern_op), postern_op op) {
    const std::lock_guard lock(actor.mutex);
    actor.threads.emplace_back([&actor, work, op] { work(actor, op); });
}

postern_rc act(Actor& actor, const postern_call* call, postern_verdict* out) {
    count(actor, actor.calls);
    if (call->slot != nullptr) *call->slot = &actor;
    const std::string& what = actor.behaviour;
    const postern_op before = actor.last.exchange(call->op);
    if (what == "allow") out->action = POSTERN_ACTION_ALLOW;
    if (what == "deny") {
        static const std::string detail(5000, 'x');
        out->action = POSTERN_ACTION_DENY;
        out->tls_alert = 49;
        out->detail = text(detail);
    }
    if (what == "deny_outbound" && (call->flags & POSTERN_CONN_INBOUND) == 0) {
        out->action = POSTERN_ACTION_DENY;
    }
    if (what == "delay") {
        out->action = POSTERN_ACTION_DELAY;
        out->delay_ns = actor.delay_ns;
        out->reason = POSTERN_REASON_RATE_LIMITED;
    }
    if (what == "unknown_action") out->action = 77;
    if (what == "error") return POSTERN_E_IO;
    if (what == "unknown_code") return 12345;
    if (what == "throw") throw std::runtime_error("thrown through the ABI");
    if (what == "never" || what == "after_cancel") return POSTERN_PENDING;
    if (what == "complete_the_one_before") {
        if (before != 0) complete(actor, before, POSTERN_ACTION_ALLOW);
        return POSTERN_PENDING;
    }
    if (what == "before_return") {
        complete(actor, call->op, POSTERN_ACTION_ALLOW);
        return POSTERN_PENDING;
    }
    if (what == "both") complete(actor, call->op, POSTERN_ACTION_ALLOW);
    if (what == "forge") {
        for (const postern_op forged : {call->op + 1, call->op ^ (postern_op{1} << 40), ~call->op,
                                        postern_op{0}, call->op + 1024}) {
            complete(actor, forged, POSTERN_ACTION_DENY);
        }
        out->action = POSTERN_ACTION_ALLOW;
    }
    if (what == "thread") {
        in_thread(
            actor, [](Actor& a, postern_op op) { complete(a, op, POSTERN_ACTION_ALLOW); },
            call->op);
        return POSTERN_PENDING;
    }
    if (what == "twice") {
        in_thread(
            actor,
            [](Actor& a, postern_op op) {
                complete(a, op, POSTERN_ACTION_ALLOW);
                complete(a, op, POSTERN_ACTION_DENY);
            },
            call->op);
        return POSTERN_PENDING;
    }
    if (what == "block") {
        std::unique_lock lock(actor.mutex);
        actor.changed.wait(lock, [&] { return actor.draining; });
    }
    if (what == "slow") std::this_thread::sleep_for(std::chrono::milliseconds(60));
    return POSTERN_OK;
}

Actor& of(void* self) {
    return *static_cast<Actor*>(self);
}

[[maybe_unused]] void on_close(void* self, const postern_call* call, const postern_close*) {
    count(of(self), of(self).closes);
    if (*call->slot != self) std::abort();
    *call->slot = nullptr;
}

#if ACTOR_INTERFACE == 'v'
const char* const kInterfaces[] = {POSTERN_IF_VALIDATOR, "postern.of-a-later-host/9", nullptr};
const postern_validator kTable = {
    sizeof(postern_validator),
    0,
    [](void* self, const postern_call* call, postern_verdict* out) {
        return act(of(self), call, out);
    },
    [](void* self, const postern_call* call, const postern_client_hello*, postern_verdict* out) {
        return act(of(self), call, out);
    },
    [](void* self, const postern_call* call, const postern_peer_cert*, postern_verdict* out) {
        return act(of(self), call, out);
    },
    nullptr,
    [](void* self, const postern_call* call, const postern_request*, postern_verdict* out) {
        return act(of(self), call, out);
    },
    on_close};
#elif ACTOR_INTERFACE == 'l'
const char* const kInterfaces[] = {POSTERN_IF_RATELIMIT, nullptr};
const postern_ratelimit kTable = {
    sizeof(postern_ratelimit), 0,
    [](void* self, const postern_call* call, const postern_quota_request* request,
       postern_verdict* out) {
        return request->key_count == 0 || request->cost != 1 ? POSTERN_E_INVALID
                                                             : act(of(self), call, out);
    },
    [](void* self, const postern_call*, const postern_quota_request* request) {
        if (request->key_count == 0 || request->keys[0].key.size == 0) std::abort();
        count(of(self), of(self).releases);
    }};
#elif ACTOR_INTERFACE == 'r'
const char* const kInterfaces[] = {POSTERN_IF_REVOCATION, nullptr};
const postern_revocation kTable = {
    sizeof(postern_revocation), 0,
    [](void* self, const postern_call* call, const postern_peer_cert*, postern_verdict* out) {
        static postern_rev_entry fact{};
        fact.status = of(self).fact;
        out->facts = &fact;
        out->fact_count = 1;
        return act(of(self), call, out);
    }};
#else
const char* const kInterfaces[] = {POSTERN_IF_PINNING, nullptr};
const postern_pinning kTable = {sizeof(postern_pinning), 0,
                                [](void* self, const postern_call* call, const postern_peer_cert*,
                                   postern_verdict* out) { return act(of(self), call, out); },
                                nullptr};
#endif

postern_rc configure(void* self, const postern_node* root) {
    Actor& actor = of(self);
    const postern_config& config = *actor.config;
    postern_str behaviour{};
    if (config.as_string(config.member(root, {"behaviour", 9}), &behaviour) == POSTERN_OK) {
        actor.behaviour.assign(behaviour.data, behaviour.size);
    }
    postern_rc rc = config.as_duration_ns(config.member(root, {"delay", 5}), &actor.delay_ns);
    if (rc == POSTERN_E_CONFIG) return rc;
    std::int64_t fact = 0;
    if (config.as_integer(config.member(root, {"fact", 4}), &fact) == POSTERN_OK) {
        actor.fact = static_cast<std::uint32_t>(fact);
    }
    const auto define = [&](const char* name, std::uint32_t* metric) {
        actor.metrics->define(actor.host, POSTERN_METRIC_COUNTER, {name, std::strlen(name)},
                              {"", 0}, metric);
    };
    define("calls", &actor.calls);
    define("closes", &actor.closes);
    define("cancels", &actor.cancels);
    define("releases", &actor.releases);
    define("accepted", &actor.accepted);
    define("stale", &actor.stale);
    return POSTERN_OK;
}

void drain(void* self) {
    std::unique_lock lock(of(self).mutex);
    of(self).draining = true;
    of(self).changed.notify_all();
    if (of(self).behaviour == "hang_in_drain") of(self).changed.wait(lock, [] { return false; });
}

void destroy(void* self) {
    for (std::thread& thread : of(self).threads) thread.join();
    delete &of(self);
}

void cancel(void* self, postern_op op) {
    count(of(self), of(self).cancels);
    if (of(self).behaviour == "after_cancel") complete(of(self), op, POSTERN_ACTION_ALLOW);
}

postern_rc create(const postern_host* host, const char*, postern_instance* out) {
    auto* actor = new Actor;
    actor->host = host;
    actor->config =
        static_cast<const postern_config*>(host->get_service(host, POSTERN_SERVICE_CONFIG));
    actor->metrics =
        static_cast<const postern_metrics*>(host->get_service(host, POSTERN_SERVICE_METRICS));
    out->self = actor;
    out->configure = configure;
    out->drain = drain;
    out->destroy = destroy;
    out->get_interface = [](void*, const char* id) -> const void* {
        return std::strcmp(id, kInterfaces[0]) == 0 ? &kTable : nullptr;
    };
    out->cancel = cancel;
    return POSTERN_OK;
}

const char* const kServices[] = {POSTERN_SERVICE_CONFIG, POSTERN_SERVICE_METRICS, nullptr};
const postern_descriptor kDescriptor = {sizeof(postern_descriptor), ACTOR_THREADS, ACTOR_ID, "1.0",
                                        "does as it is told",       kInterfaces,   kServices};
const postern_module kModule = {
    sizeof(postern_module),
    (POSTERN_ABI_MAJOR << 16) | POSTERN_ABI_MINOR,
    POSTERN_ABI_MAJOR << 16,
    1,
    [](std::uint32_t index) { return index == 0 ? &kDescriptor : nullptr; },
    create};

}  // namespace

extern "C" const postern_module* postern_module_v1(std::uint32_t) {
    return &kModule;
}
