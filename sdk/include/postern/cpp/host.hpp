// SPDX-License-Identifier: Apache-2.0
//
// host.hpp - an instance's handle to the host, and how services are found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../module.h"
#include "values.hpp"

namespace postern::sdk {

// Copied freely; valid from the plugin's constructor until its destructor returns. [any]
class Host {
public:
    explicit Host(const postern_host* host) noexcept : host_(host) {}

    const postern_host* raw() const noexcept { return host_; }

    // Why the constructor, configure() or start() is about to fail. [main]
    void set_error(std::string_view message) const noexcept {
        host_->set_error(host_, text(message));
    }

    // POSTERN_CHANGED_*: answers differ from those given before.
    void changed(std::uint32_t what) const noexcept { host_->changed(host_, what); }

    // As call.listener() will say; empty where the host does not tell.
    std::string_view listener() const noexcept {
        return POSTERN_HAS(host_, postern_host, listener) && host_->listener != nullptr
                   ? std::string_view(host_->listener)
                   : std::string_view();
    }
    // POSTERN_ROLE_*, 0 where the host does not tell.
    std::uint32_t role() const noexcept {
        return POSTERN_HAS(host_, postern_host, role) ? host_->role : 0;
    }

private:
    const postern_host* host_;
};

// What every service has: its table, or nothing where the host lacks it. A service that the
// descriptor requires is always there; one that is not may be asked with available().
template <class Table>
class Service {
public:
    bool available() const noexcept { return table_ != nullptr; }
    Host host() const noexcept { return host_; }

protected:
    Service(Host host, const char* id) noexcept
        : host_(host),
          id_(id),
          table_(static_cast<const Table*>(host.raw()->get_service(host.raw(), id))) {}

    const postern_host* raw() const noexcept { return host_.raw(); }
    const Table* table() const noexcept { return table_; }
    const Table& required() const {
        if (table_ == nullptr) {
            throw Error(POSTERN_E_UNSUPPORTED, std::string("the host has no service ") + id_);
        }
        return *table_;
    }

    // For calls whose failure the plugin cannot live with.
    static void check(postern_rc rc, const char* what) {
        if (rc != POSTERN_OK) {
            throw Error(rc, std::string(what) + " failed with code " + std::to_string(rc));
        }
    }

private:
    Host host_;
    const char* id_;
    const Table* table_;
};

}  // namespace postern::sdk
