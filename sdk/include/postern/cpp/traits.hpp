// SPDX-License-Identifier: Apache-2.0
//
// traits.hpp - which hooks a plugin's class has, so that it offers those interfaces and no others.
// A hook that is there under its name but cannot be called as the host would (a parameter is wrong,
// it is private) stops the build: it must not silently never be asked.
#pragma once

#include <type_traits>
#include <utility>

#include "../pinning.h"
#include "../ratelimit.h"
#include "../revocation.h"
#include "../validator.h"
#include "config.hpp"
#include "services.hpp"
#include "verdict.hpp"

namespace postern::sdk {

// Two detections of NAME: callable with ARGUMENTS giving RESULT, and there at all. The second
// derives from the class and from one that has the name: where both have it, it is ambiguous,
// whatever its overloads and access. So a plugin's class cannot be final.
#define POSTERN_SDK_HOOK(NAME, RESULT, ARGUMENTS)                                              \
    struct Hook_##NAME {                                                                       \
        template <class P>                                                                     \
        static auto call(int)                                                                  \
            -> std::is_convertible<decltype(std::declval<P&>().NAME ARGUMENTS), RESULT>;       \
        template <class P>                                                                     \
        static auto call(...) -> std::false_type;                                              \
        struct Named {                                                                         \
            int NAME;                                                                          \
        };                                                                                     \
        template <class P>                                                                     \
        struct Both : P, Named {};                                                             \
        template <class P>                                                                     \
        static auto absent(int) -> decltype(&Both<P>::NAME, std::true_type());                 \
        template <class P>                                                                     \
        static auto absent(...) -> std::false_type;                                            \
    };                                                                                         \
    template <class P>                                                                         \
    constexpr bool has_##NAME() {                                                              \
        constexpr bool callable = decltype(Hook_##NAME::call<P>(0))::value;                    \
        static_assert(callable || decltype(Hook_##NAME::absent<P>(0))::value,                  \
                      #NAME " is there, but private or with other parameters than the SDK's"); \
        return callable;                                                                       \
    }

// clang-format off
POSTERN_SDK_HOOK(configure, void, (std::declval<Config&>()))
POSTERN_SDK_HOOK(start, void, ())
POSTERN_SDK_HOOK(drain, void, ())
POSTERN_SDK_HOOK(cancel, void, (std::declval<postern_op>()))
POSTERN_SDK_HOOK(policy_digest, void, (std::declval<Digest&>()))

#define POSTERN_SDK_CALL(INPUT) (std::declval<Call&>(), std::declval<const INPUT&>())
POSTERN_SDK_HOOK(on_accept, Verdict, (std::declval<Call&>()))
POSTERN_SDK_HOOK(on_client_hello, Verdict, POSTERN_SDK_CALL(postern_client_hello))
POSTERN_SDK_HOOK(on_peer_certificate, Verdict, POSTERN_SDK_CALL(postern_peer_cert))
POSTERN_SDK_HOOK(on_established, Verdict, POSTERN_SDK_CALL(postern_session))
POSTERN_SDK_HOOK(on_request, Verdict, POSTERN_SDK_CALL(postern_request))
POSTERN_SDK_HOOK(on_close, void, POSTERN_SDK_CALL(postern_close))

POSTERN_SDK_HOOK(evaluate, Verdict, POSTERN_SDK_CALL(postern_peer_cert))
// The pinning interface's on_established; the plain name is the validator's.
POSTERN_SDK_HOOK(on_pinning_established, Verdict, POSTERN_SDK_CALL(postern_session))

POSTERN_SDK_HOOK(check, Verdict, POSTERN_SDK_CALL(postern_peer_cert))

POSTERN_SDK_HOOK(acquire, Verdict, POSTERN_SDK_CALL(postern_quota_request))
POSTERN_SDK_HOOK(release, void, POSTERN_SDK_CALL(postern_quota_request))
#undef POSTERN_SDK_CALL
// clang-format on

#undef POSTERN_SDK_HOOK

template <class P>
constexpr bool is_validator() {
    constexpr bool asked = has_on_accept<P>() || has_on_client_hello<P>() ||
                           has_on_peer_certificate<P>() || has_on_established<P>() ||
                           has_on_request<P>();
    static_assert(asked || !has_on_close<P>(),
                  "on_close is the validator interface's: it needs another of its hooks");
    return asked;
}

template <class P>
constexpr bool is_pinning() {
    static_assert(has_evaluate<P>() || !has_on_pinning_established<P>(),
                  "on_pinning_established needs evaluate");
    return has_evaluate<P>();
}

template <class P>
constexpr bool is_revocation() {
    return has_check<P>();
}

template <class P>
constexpr bool is_ratelimit() {
    static_assert(has_acquire<P>() || !has_release<P>(), "release needs acquire");
    return has_acquire<P>();
}

}  // namespace postern::sdk
