#pragma once

#include <type_traits>

#include "postern/types.h"

namespace postern::plugin {

// A service's function as the plugin sees it: no exception of ours (memory) crosses the boundary.
template <auto Function>
struct Guarded;

template <class R, class... A, R (*Function)(A...)>
struct Guarded<Function> {
    static R call(A... arguments) {
        try {
            return Function(arguments...);
        } catch (...) {
            if constexpr (std::is_same_v<R, postern_rc>) return POSTERN_E_NOMEM;
            if constexpr (!std::is_void_v<R>) return R{};
        }
    }
};

template <auto Function>
inline constexpr auto guarded = &Guarded<Function>::call;

}  // namespace postern::plugin
