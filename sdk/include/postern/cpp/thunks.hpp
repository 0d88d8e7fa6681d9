// SPDX-License-Identifier: Apache-2.0
//
// thunks.hpp - the C functions of one plugin class: its instance and its interface tables.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "guard.hpp"
#include "traits.hpp"

namespace postern::sdk {

template <class P>
class Thunks {
public:
    static postern_rc create(const postern_host* raw, postern_instance* out) noexcept {
        const Host host(raw);
        return guarded(host, Report::Error, P::kId, [&] {
            auto box = std::make_unique<Box>(host);
            postern_instance instance = make_instance();
            // A host of an earlier minor gave less room, one of a later minor more than is known.
            instance.struct_size = std::min(out->struct_size, instance.struct_size);
            instance.self = box.get();
            std::memcpy(out, &instance, instance.struct_size);
            static_cast<void>(box.release());
            return POSTERN_OK;
        });
    }

private:
    struct Box {
        explicit Box(Host host_) : host(host_), plugin(host_) {}

        Host host;
        P plugin;
    };

    static Box& box(void* self) noexcept { return *static_cast<Box*>(self); }

    static postern_instance make_instance() noexcept {
        postern_instance out{};
        out.struct_size = sizeof out;
        out.configure = &configure;
        out.start = &start;
        out.drain = [](void* self) noexcept {
            if constexpr (has_drain<P>()) {
                contain(box(self).host, "drain", [&] { box(self).plugin.drain(); });
            } else {
                static_cast<void>(self);
            }
        };
        out.destroy = [](void* self) noexcept {
            const Host host = box(self).host;
            contain(host, "destroy", [&] { delete &box(self); });
        };
        out.get_interface = &get_interface;
        if constexpr (has_cancel<P>()) {
            out.cancel = [](void* self, postern_op op) noexcept {
                contain(box(self).host, "cancel", [&] { box(self).plugin.cancel(op); });
            };
        }
        if constexpr (has_policy_digest<P>()) out.policy_digest = &policy_digest;
        return out;
    }

    static postern_rc configure(void* self, const postern_node* root) noexcept {
        if constexpr (has_configure<P>()) {
            return guarded(box(self).host, Report::Error, "configure", [&] {
                Config config(box(self).host, root);
                box(self).plugin.configure(config);
                return POSTERN_OK;
            });
        } else {
            static_cast<void>(self), static_cast<void>(root);
            return POSTERN_OK;
        }
    }

    static postern_rc start(void* self) noexcept {
        if constexpr (has_start<P>()) {
            return guarded(box(self).host, Report::Error, "start", [&] {
                box(self).plugin.start();
                return POSTERN_OK;
            });
        } else {
            static_cast<void>(self);
            return POSTERN_OK;
        }
    }

    static postern_rc policy_digest(void* self, std::uint8_t* out) noexcept {
        return guarded(box(self).host, Report::Log, "policy_digest", [&] {
            Digest digest{Crypto(box(self).host)};
            box(self).plugin.policy_digest(digest);
            const Sha256 sum = digest.finish();
            std::memcpy(out, sum.data(), sum.size());
            return POSTERN_OK;
        });
    }

    static const void* get_interface(void*, const char* id) noexcept {
        if constexpr (is_validator<P>()) {
            static constexpr postern_validator kTable = make_validator();
            if (std::strcmp(id, POSTERN_IF_VALIDATOR) == 0) return &kTable;
        }
        if constexpr (is_pinning<P>()) {
            static constexpr postern_pinning kTable = make_pinning();
            if (std::strcmp(id, POSTERN_IF_PINNING) == 0) return &kTable;
        }
        if constexpr (is_revocation<P>()) {
            static constexpr postern_revocation kTable = make_revocation();
            if (std::strcmp(id, POSTERN_IF_REVOCATION) == 0) return &kTable;
        }
        if constexpr (is_ratelimit<P>()) {
            static constexpr postern_ratelimit kTable = make_ratelimit();
            if (std::strcmp(id, POSTERN_IF_RATELIMIT) == 0) return &kTable;
        }
        return nullptr;
    }

// A hook with an input and a verdict, for a table's member of the same or another name.
#define POSTERN_SDK_ASK(TABLE, MEMBER, HOOK, INPUT)                                      \
    if constexpr (has_##HOOK<P>()) {                                                     \
        TABLE.MEMBER = [](void* self, const postern_call* call, const INPUT* input,      \
                          postern_verdict* verdict) noexcept -> postern_rc {             \
            return ask(box(self).host, #HOOK, call, verdict,                             \
                       [&](Call& view) { return box(self).plugin.HOOK(view, *input); }); \
        };                                                                               \
    }
// A hook with an input and nothing to answer.
#define POSTERN_SDK_TELL(TABLE, MEMBER, HOOK, INPUT)                                           \
    if constexpr (has_##HOOK<P>()) {                                                           \
        TABLE.MEMBER = [](void* self, const postern_call* call, const INPUT* input) noexcept { \
            contain(box(self).host, #HOOK, [&] {                                               \
                Call view(box(self).host, call);                                               \
                box(self).plugin.HOOK(view, *input);                                           \
            });                                                                                \
        };                                                                                     \
    }

    static constexpr postern_validator make_validator() noexcept {
        postern_validator out{};
        out.struct_size = sizeof out;
        if constexpr (has_on_accept<P>()) {
            out.on_accept = [](void* self, const postern_call* call,
                               postern_verdict* verdict) noexcept -> postern_rc {
                return ask(box(self).host, "on_accept", call, verdict,
                           [&](Call& view) { return box(self).plugin.on_accept(view); });
            };
        }
        POSTERN_SDK_ASK(out, on_client_hello, on_client_hello, postern_client_hello)
        POSTERN_SDK_ASK(out, on_peer_certificate, on_peer_certificate, postern_peer_cert)
        POSTERN_SDK_ASK(out, on_established, on_established, postern_session)
        POSTERN_SDK_ASK(out, on_request, on_request, postern_request)
        POSTERN_SDK_TELL(out, on_close, on_close, postern_close)
        return out;
    }

    static constexpr postern_pinning make_pinning() noexcept {
        postern_pinning out{};
        out.struct_size = sizeof out;
        POSTERN_SDK_ASK(out, evaluate, evaluate, postern_peer_cert)
        POSTERN_SDK_ASK(out, on_established, on_pinning_established, postern_session)
        return out;
    }

    static constexpr postern_revocation make_revocation() noexcept {
        postern_revocation out{};
        out.struct_size = sizeof out;
        POSTERN_SDK_ASK(out, check, check, postern_peer_cert)
        return out;
    }

    static constexpr postern_ratelimit make_ratelimit() noexcept {
        postern_ratelimit out{};
        out.struct_size = sizeof out;
        POSTERN_SDK_ASK(out, acquire, acquire, postern_quota_request)
        POSTERN_SDK_TELL(out, release, release, postern_quota_request)
        return out;
    }

#undef POSTERN_SDK_ASK
#undef POSTERN_SDK_TELL
};

}  // namespace postern::sdk
