#include "tests/unit/sdk_fake_host/fake_services.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <algorithm>

#include "tests/unit/sdk_fake_host/fake_node.h"

namespace postern::fake {

namespace {

std::string own(postern_str value) {
    return std::string(value.data, value.size);
}

std::string_view text_of(postern_bytes value) {
    return {reinterpret_cast<const char*>(value.data), value.size};
}

// POSTERN_DIGEST_* to GnuTLS's.
gnutls_digest_algorithm_t gnutls_digest(uint32_t algorithm) {
    switch (algorithm) {
        case POSTERN_DIGEST_SHA1:
            return GNUTLS_DIG_SHA1;
        case POSTERN_DIGEST_SHA256:
            return GNUTLS_DIG_SHA256;
        case POSTERN_DIGEST_SHA384:
            return GNUTLS_DIG_SHA384;
        case POSTERN_DIGEST_SHA512:
            return GNUTLS_DIG_SHA512;
        default:
            return GNUTLS_DIG_UNKNOWN;
    }
}

}  // namespace

void FakeServices::provide_all(FakeHost& host) {
    host.provide(POSTERN_SERVICE_LOG, log());
    host.provide(POSTERN_SERVICE_CLOCK, clock());
    host.provide(POSTERN_SERVICE_CONFIG, FakeNode::service());
    host.provide(POSTERN_SERVICE_EXECUTOR, executor());
    host.provide(POSTERN_SERVICE_METRICS, metrics());
    host.provide(POSTERN_SERVICE_STORE, store());
    host.provide(POSTERN_SERVICE_CRYPTO, crypto());
}

const postern_log* FakeServices::log() {
    static const postern_log table{sizeof(postern_log), 0,
                                   [](const postern_host*) { return POSTERN_LOG_DEBUG; },
                                   [](const postern_host* host, uint32_t level, postern_str message,
                                      const postern_kv*, size_t) {
                                       FakeHost::of(host).lines.push_back({level, own(message)});
                                   }};
    return &table;
}

const postern_clock* FakeServices::clock() {
    static const postern_clock table{
        sizeof(postern_clock), 0,
        [](const postern_host* host) { return FakeHost::of(host).now_ns_; },
        [](const postern_host* host) {
            return FakeHost::of(host).wall_start_ + FakeHost::of(host).seconds_passed();
        }};
    return &table;
}

const postern_executor* FakeServices::executor() {
    static const postern_executor table{
        sizeof(postern_executor), 0,
        [](const postern_host* host, postern_task task, void* user) -> postern_rc {
            FakeHost::of(host).posted_.emplace_back(task, user);
            return POSTERN_OK;
        },
        [](const postern_host* host, uint64_t delay, uint64_t period, postern_task task, void* user,
           uint64_t* timer) -> postern_rc {
            FakeHost& self = FakeHost::of(host);
            *timer = self.next_timer_++;
            self.timers_.push_back({*timer, self.now_ns_ + delay, period, task, user});
            return POSTERN_OK;
        },
        [](const postern_host* host, uint64_t timer) {
            auto& timers = FakeHost::of(host).timers_;
            const auto same = [timer](const FakeHost::Timer& each) { return each.id == timer; };
            timers.erase(std::remove_if(timers.begin(), timers.end(), same), timers.end());
        }};
    return &table;
}

const postern_metrics* FakeServices::metrics() {
    static const postern_metrics table{
        sizeof(postern_metrics), 0,
        [](const postern_host* host, uint32_t, postern_str name, postern_str,
           uint32_t* metric) -> postern_rc {
            auto& names = FakeHost::of(host).metric_names_;
            const auto found = std::find(names.begin(), names.end(), own(name));
            *metric = static_cast<uint32_t>(found - names.begin());
            if (found == names.end()) names.push_back(own(name));
            return POSTERN_OK;
        },
        [](const postern_host* host, uint32_t metric, int64_t delta) {
            FakeHost& self = FakeHost::of(host);
            self.metrics[self.metric_names_.at(metric)] += delta;
        }};
    return &table;
}

const postern_store* FakeServices::store() {
    static const postern_store table{
        sizeof(postern_store),
        0,
        [](const postern_host* host, postern_str path) -> postern_rc {
            FakeHost& self = FakeHost::of(host);
            const std::string name = path.size == 0 ? "store" : own(path);
            self.store_directory = name[0] == '/' ? name : self.state_directory + "/" + name;
            return POSTERN_OK;
        },
        [](const postern_host* host) -> postern_str {
            const std::string& directory = FakeHost::of(host).store_directory;
            return {directory.data(), directory.size()};
        },
        [](const postern_host* host, postern_str key, postern_view view, void* user) -> postern_rc {
            const auto& stored = FakeHost::of(host).stored;
            const auto found = stored.find(own(key));
            if (found == stored.end()) return POSTERN_E_NOT_FOUND;
            return view(user, {found->second.data(), found->second.size()});
        },
        [](const postern_host* host, postern_str key, postern_bytes value) -> postern_rc {
            FakeHost& self = FakeHost::of(host);
            self.stored[own(key)].assign(value.data, value.data + value.size);
            if (self.on_stored) self.on_stored(own(key), text_of(value));
            return POSTERN_OK;
        },
        [](const postern_host* host, postern_str key) -> postern_rc {
            return FakeHost::of(host).stored.erase(own(key)) == 1 ? POSTERN_OK
                                                                  : POSTERN_E_NOT_FOUND;
        },
        [](const postern_host* host, postern_visit visit, void* user) -> postern_rc {
            for (const auto& [key, value] : FakeHost::of(host).stored) {
                const postern_rc rc = visit(user, {key.data(), key.size()});
                if (rc != POSTERN_OK) return rc;
            }
            return POSTERN_OK;
        },
        [](const postern_host* host, postern_str key, postern_bytes value) -> postern_rc {
            FakeHost& self = FakeHost::of(host);
            const std::vector<std::uint8_t> bytes(value.data, value.data + value.size);
            if (!self.stored.emplace(own(key), bytes).second) return POSTERN_E_BUSY;
            if (self.on_stored) self.on_stored(own(key), text_of(value));
            return POSTERN_OK;
        }};
    return &table;
}

// Signatures are not checked here; a test of a plugin that needs it provides its own table.
const postern_crypto* FakeServices::crypto() {
    static const postern_crypto table{
        sizeof(postern_crypto),
        0,
        [](const postern_host*, uint32_t algorithm, postern_bytes data, uint8_t* out,
           size_t* size) -> postern_rc {
            const gnutls_digest_algorithm_t digest = gnutls_digest(algorithm);
            if (digest == GNUTLS_DIG_UNKNOWN) return POSTERN_E_UNSUPPORTED;
            const size_t length = gnutls_hash_get_len(digest);
            if (*size < length) return POSTERN_E_INVALID;
            *size = length;
            return gnutls_hash_fast(digest, data.data, data.size, out) == 0 ? POSTERN_OK
                                                                            : POSTERN_E_INTERNAL;
        },
        [](const postern_host*, postern_bytes, postern_bytes, uint64_t*) -> postern_rc {
            return POSTERN_E_UNSUPPORTED;
        },
        [](const postern_host*, uint64_t, postern_bytes) -> postern_rc {
            return POSTERN_E_INVALID;
        },
        [](const postern_host*, uint64_t, postern_bytes) -> postern_rc {
            return POSTERN_E_INVALID;
        },
        [](const postern_host*, uint8_t* out, size_t size) -> postern_rc {
            return gnutls_rnd(GNUTLS_RND_NONCE, out, size) == 0 ? POSTERN_OK : POSTERN_E_INTERNAL;
        }};
    return &table;
}

}  // namespace postern::fake
