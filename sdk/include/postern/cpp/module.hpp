// SPDX-License-Identifier: Apache-2.0
//
// module.hpp - from plugin classes to postern_module_v1:
//
//   class Denylist : public postern::sdk::Plugin {
//   public:
//       static constexpr const char* kId = "org.example.denylist";
//       static constexpr const char* kVersion = "1.0";
//       static constexpr const char* kSummary = "refuses certificates by their serial number";
//       using Services = Requires<postern::sdk::Config, postern::sdk::X509>;
//       using Plugin::Plugin;
//
//       void configure(Config& config);   // hooks: have those that are wanted, see traits.hpp
//       Verdict on_peer_certificate(const Call& call, const postern_peer_cert& cert);
//   };
//   POSTERN_MODULE(Denylist)
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "../module.h"
#include "thunks.hpp"

namespace postern::sdk {

// Services without which the host refuses to load the plugin, e.g. Requires<Config, Clock>.
template <class... S>
struct Requires {
    static constexpr const char* kIds[sizeof...(S) + 1] = {S::kId..., nullptr};
};

// What a plugin derives from: its defaults, the host and the log.
class Plugin {
public:
    template <class... S>
    using Requires = sdk::Requires<S...>;
    using Bytes = sdk::Bytes;
    using Call = sdk::Call;
    using Config = sdk::Config;
    using Digest = sdk::Digest;
    using Host = sdk::Host;
    using Verdict = sdk::Verdict;

    // A thread for each instance, which may block. PARALLEL hooks run on every loop at once.
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_SERIAL;
    static constexpr std::uint32_t kMinHostAbi = POSTERN_ABI(1, 0);
    using Services = sdk::Requires<>;

    explicit Plugin(Host host) noexcept : host_(host), log_(host) {}
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

protected:
    ~Plugin() = default;

    Host host() const noexcept { return host_; }
    const Log& log() const noexcept { return log_; }

private:
    Host host_;
    Log log_;
};

template <class... P>
class Module {
public:
    static const postern_module* entry(std::uint32_t host_abi_version) noexcept {
        return host_abi_version >> 16 == POSTERN_ABI_MAJOR ? &kModule : nullptr;
    }

private:
    static_assert(sizeof...(P) > 0, "a module has at least one plugin");

    template <class Q>
    struct Describe {
        static_assert(!std::is_final<Q>::value,
                      "a plugin's class cannot be final: its hooks could not be checked");
        static_assert(is_validator<Q>() || is_pinning<Q>() || is_revocation<Q>() ||
                          is_ratelimit<Q>(),
                      "the plugin has no hook");

        static constexpr std::array<const char*, 5> make_interfaces() noexcept {
            std::array<const char*, 5> out{};
            std::size_t count = 0;
            if (is_validator<Q>()) out[count++] = POSTERN_IF_VALIDATOR;
            if (is_pinning<Q>()) out[count++] = POSTERN_IF_PINNING;
            if (is_revocation<Q>()) out[count++] = POSTERN_IF_REVOCATION;
            if (is_ratelimit<Q>()) out[count++] = POSTERN_IF_RATELIMIT;
            return out;
        }

        static constexpr std::array<const char*, 5> kInterfaces = make_interfaces();
        static constexpr postern_descriptor kDescriptor = {
            sizeof(postern_descriptor), Q::kThreadModel,  Q::kId, Q::kVersion, Q::kSummary,
            kInterfaces.data(),         Q::Services::kIds};
    };

    static const postern_descriptor* describe(std::uint32_t index) noexcept {
        static constexpr const postern_descriptor* kDescriptors[] = {&Describe<P>::kDescriptor...};
        return index < sizeof...(P) ? kDescriptors[index] : nullptr;
    }

    static postern_rc create(const postern_host* host, const char* id,
                             postern_instance* out) noexcept {
        postern_rc rc = POSTERN_E_NOT_FOUND;
        static_cast<void>(
            ((std::strcmp(id, P::kId) == 0 && (rc = Thunks<P>::create(host, out), true)) || ...));
        return rc;
    }

    static constexpr postern_module kModule = {
        sizeof(postern_module), POSTERN_ABI_VERSION, std::max({P::kMinHostAbi...}),
        sizeof...(P),           &describe,           &create};
};

}  // namespace postern::sdk

// Once in a shared object, at namespace scope, with all its plugins' classes.
#define POSTERN_MODULE(...)                                                  \
    extern "C" POSTERN_EXPORT const postern_module* postern_module_v1(       \
        std::uint32_t host_abi_version) {                                    \
        return ::postern::sdk::Module<__VA_ARGS__>::entry(host_abi_version); \
    }
