// SPDX-License-Identifier: Apache-2.0
//
// guard.hpp - the boundary: everything that is thrown below it becomes a code and a line.
#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "../module.h"
#include "async.hpp"
#include "verdict.hpp"

namespace postern::sdk {

// Where people read why: set_error() for what runs on the configuration thread, else the log.
enum class Report : bool { Error, Log };

inline void report(Host host, Report to, const char* where, const char* what) noexcept {
    contain(host, where, [&] {
        if (*what == '\0') return;
        const std::string line = std::string(where) + ": " + what;
        if (to == Report::Error) {
            host.set_error(line);
        } else {
            Log(host).error(line);
        }
    });
}

template <class Body>
postern_rc guarded(Host host, Report to, const char* where, Body&& body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (const Error& error) {
        report(host, to, where, error.what());
        return error.code();
    } catch (const std::bad_alloc&) {
        return POSTERN_E_NOMEM;
    } catch (const std::exception& error) {
        report(host, to, where, error.what());
        return POSTERN_E_INTERNAL;
    } catch (...) {
        report(host, to, where, "threw what is no std::exception");
        return POSTERN_E_INTERNAL;
    }
}

// Writes a hook's answer. The host reads it after the hook returned and before it calls the plugin
// on this thread again, so text and facts stay in the thread's keeping until then.
inline void answer(Verdict&& verdict, postern_verdict& out) {
    if (verdict.detail().empty() && verdict.facts().empty()) {
        verdict.write(out);
        return;
    }
    static thread_local Verdict kept = Verdict::abstain();
    kept = std::move(verdict);
    kept.write(out);
}

// Runs a hook that gives a verdict. Who took an Operation is pending whatever happens next: the
// Operation completes by itself when the hook threw.
template <class Hook>
postern_rc ask(Host host, const char* where, const postern_call* call, postern_verdict* out,
               Hook&& hook) noexcept {
    Call view(host, call);
    const postern_rc rc = guarded(host, Report::Log, where, [&]() -> postern_rc {
        Verdict verdict = std::forward<Hook>(hook)(view);
        if (verdict.is_pending() != view.deferred()) {
            throw Error(POSTERN_E_INTERNAL, verdict.is_pending()
                                                ? "is pending without having called defer()"
                                                : "called defer() and answered as well");
        }
        if (!verdict.is_pending()) answer(std::move(verdict), *out);
        return POSTERN_OK;
    });
    return view.deferred() ? POSTERN_PENDING : rc;
}

}  // namespace postern::sdk
