// SPDX-License-Identifier: Apache-2.0
//
// services.hpp - log, clock, metrics, store and crypto. Made from a Host and cheap to keep as a
// member. Log and Metrics do nothing where the host lacks them; the others throw Error then.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../service/clock.h"
#include "../service/crypto.h"
#include "../service/log.h"
#include "../service/metrics.h"
#include "../service/store.h"
#include "host.hpp"

namespace postern::sdk {

class Log : public Service<postern_log> {  // [any]
public:
    static constexpr const char* kId = POSTERN_SERVICE_LOG;
    using Fields = std::initializer_list<Field>;

    explicit Log(Host host) noexcept : Service(host, kId) {}

    // Ask before building a costly message.
    bool writes(std::uint32_t level) const noexcept {
        return available() && level <= table()->level(raw());
    }
    void error(std::string_view message, Fields fields = {}) const {
        write(POSTERN_LOG_ERROR, message, fields);
    }
    void warning(std::string_view message, Fields fields = {}) const {
        write(POSTERN_LOG_WARNING, message, fields);
    }
    void notice(std::string_view message, Fields fields = {}) const {
        write(POSTERN_LOG_NOTICE, message, fields);
    }
    void info(std::string_view message, Fields fields = {}) const {
        write(POSTERN_LOG_INFO, message, fields);
    }
    void debug(std::string_view message, Fields fields = {}) const {
        write(POSTERN_LOG_DEBUG, message, fields);
    }
    void write(std::uint32_t level, std::string_view message, Fields fields = {}) const {
        if (!writes(level)) return;
        const std::vector<postern_kv> kv = pairs(fields.begin(), fields.size());
        table()->write(raw(), level, text(message), kv.data(), kv.size());
    }
};

class Clock : public Service<postern_clock> {  // [any]
public:
    static constexpr const char* kId = POSTERN_SERVICE_CLOCK;

    explicit Clock(Host host) noexcept : Service(host, kId) {}

    std::uint64_t monotonic_ns() const { return required().monotonic_ns(raw()); }
    // Since the epoch, UTC.
    std::int64_t wall_seconds() const { return required().wall_seconds(raw()); }
};

// A counter or gauge; a default-made one counts nothing.
class Metric {  // [any]
public:
    Metric() noexcept = default;
    Metric(const postern_metrics* table, const postern_host* host, std::uint32_t metric) noexcept
        : table_(table), host_(host), metric_(metric) {}

    void add(std::int64_t delta = 1) const noexcept {
        if (table_ != nullptr) table_->add(host_, metric_, delta);
    }

private:
    const postern_metrics* table_ = nullptr;
    const postern_host* host_ = nullptr;
    std::uint32_t metric_ = 0;
};

class Metrics : public Service<postern_metrics> {
public:
    static constexpr const char* kId = POSTERN_SERVICE_METRICS;

    explicit Metrics(Host host) noexcept : Service(host, kId) {}

    Metric counter(std::string_view name, std::string_view help) const {  // [main]
        return define(POSTERN_METRIC_COUNTER, name, help);
    }
    Metric gauge(std::string_view name, std::string_view help) const {  // [main]
        return define(POSTERN_METRIC_GAUGE, name, help);
    }

private:
    Metric define(std::uint32_t kind, std::string_view name, std::string_view help) const {
        if (!available()) return Metric();
        std::uint32_t metric = 0;
        check(table()->define(raw(), kind, text(name), text(help), &metric), "defining a metric");
        return Metric(table(), raw(), metric);
    }
};

// Blocks on the disk: never from a [loop] call of a PER_LOOP or PARALLEL plugin.
class Store : public Service<postern_store> {  // [any]
public:
    static constexpr const char* kId = POSTERN_SERVICE_STORE;

    explicit Store(Host host) noexcept : Service(host, kId) {}

    // Once, in configure() or start(); empty: the host's choice.
    void open(std::string_view path) const {
        check(required().open(raw(), text(path)), "opening the store");
    }
    std::string directory() const { return std::string(text(required().directory(raw()))); }

    std::optional<std::vector<std::uint8_t>> get(std::string_view key) const {
        std::vector<std::uint8_t> out;
        const postern_rc rc = view(key, [&out](Bytes value) {
            out = value.copy();
            return POSTERN_OK;
        });
        if (rc == POSTERN_E_NOT_FOUND) return std::nullopt;
        check(rc, "reading from the store");
        return out;
    }
    // Shows a value without a copy; `see`'s answer is the result, E_NOT_FOUND without a value.
    postern_rc view(std::string_view key, const std::function<postern_rc(Bytes)>& see) const {
        return required().get(raw(), text(key), &see_value, const_cast<void*>(erase_type(&see)));
    }
    postern_rc put(std::string_view key, Bytes value) const {
        return required().put(raw(), text(key), value);
    }
    // Never over a value: E_BUSY.
    postern_rc create(std::string_view key, Bytes value) const {
        return required().create(raw(), text(key), value);
    }
    postern_rc erase(std::string_view key) const { return required().erase(raw(), text(key)); }

    std::vector<std::string> keys() const {
        std::vector<std::string> out;
        check(required().each(raw(), &add_key, &out), "listing the store");
        return out;
    }

private:
    static const void* erase_type(const void* pointer) noexcept { return pointer; }

    // Neither may let an exception through the host's frames.
    static postern_rc see_value(void* user, postern_bytes value) noexcept {
        try {
            return (*static_cast<const std::function<postern_rc(Bytes)>*>(user))(value);
        } catch (const std::bad_alloc&) {
            return POSTERN_E_NOMEM;
        } catch (...) {
            return POSTERN_E_INTERNAL;
        }
    }
    static postern_rc add_key(void* user, postern_str key) noexcept {
        try {
            static_cast<std::vector<std::string>*>(user)->emplace_back(text(key));
            return POSTERN_OK;
        } catch (...) {
            return POSTERN_E_NOMEM;
        }
    }
};

class Crypto : public Service<postern_crypto> {  // [any]
public:
    static constexpr const char* kId = POSTERN_SERVICE_CRYPTO;

    explicit Crypto(Host host) noexcept : Service(host, kId) {}

    // POSTERN_DIGEST_*.
    std::vector<std::uint8_t> digest(std::uint32_t algorithm, Bytes data) const {
        std::vector<std::uint8_t> out(64);
        std::size_t size = out.size();
        check(required().digest(raw(), algorithm, data, out.data(), &size), "computing a digest");
        out.resize(size);
        return out;
    }
    Sha256 sha256(Bytes data) const {
        Sha256 out{};
        std::size_t size = out.size();
        check(required().digest(raw(), POSTERN_DIGEST_SHA256, data, out.data(), &size),
              "computing a digest");
        return out;
    }
    void random(std::uint8_t* out, std::size_t size) const {
        check(required().random(raw(), out, size), "drawing random bytes");
    }

    // A signature over data that comes in pieces; dropped unfinished, it is abandoned.
    class Verification {
    public:
        Verification(const Crypto& crypto, Bytes spki, Bytes algorithm)
            : table_(&crypto.required()), host_(crypto.raw()) {
            begun_ = table_->verify_begin(host_, spki, algorithm, &handle_);
        }
        Verification(const Verification&) = delete;
        Verification& operator=(const Verification&) = delete;
        ~Verification() {
            if (begun_ == POSTERN_OK) table_->verify_finish(host_, handle_, {});
        }

        // E_DENIED: too weak an algorithm; E_UNSUPPORTED: an unknown one. Both also come from
        // finish(), so that a caller may look there alone.
        postern_rc begun() const noexcept { return begun_; }
        postern_rc update(Bytes data) noexcept {
            return begun_ != POSTERN_OK ? begun_ : table_->verify_update(host_, handle_, data);
        }
        // OK: it is the key's signature; E_INVALID: it is not. An empty one never is.
        postern_rc finish(Bytes signature) noexcept {
            if (begun_ != POSTERN_OK) return begun_;
            begun_ = POSTERN_E_INVALID;
            const postern_rc rc = table_->verify_finish(host_, handle_, signature);
            return signature.empty() ? POSTERN_E_INVALID : rc;
        }

    private:
        const postern_crypto* table_;
        const postern_host* host_;
        postern_rc begun_ = POSTERN_E_INVALID;
        std::uint64_t handle_ = 0;
    };
};

// Everything that decides a plugin's answers, in one SHA-256. Names and values are framed by their
// lengths, so that no two policies run together; what was added in another order is another policy.
class Digest {
public:
    explicit Digest(const Crypto& crypto) : crypto_(crypto) {}

    Digest& add(std::string_view name, Bytes value) {
        frame(Bytes(name));
        frame(value);
        if (pending_.size() > kFold) {
            const Sha256 folded = crypto_.sha256(pending_);
            pending_.assign(folded.begin(), folded.end());
        }
        return *this;
    }
    Digest& add(std::string_view name, std::string_view value) { return add(name, Bytes(value)); }
    Digest& add(std::string_view name, const char* value) {
        return add(name, std::string_view(value));
    }
    Digest& add(std::string_view name, std::int64_t value) {
        return add(name, std::to_string(value));
    }
    Digest& add(std::string_view name, const std::string& value) {
        return add(name, std::string_view(value));
    }

    Sha256 finish() const { return crypto_.sha256(pending_); }

private:
    // A pin set of a million entries needs no more memory than this.
    static constexpr std::size_t kFold = 64 * 1024;

    void frame(Bytes bytes) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            pending_.push_back(static_cast<std::uint8_t>(std::uint64_t{bytes.size()} >> shift));
        }
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    }

    Crypto crypto_;
    std::vector<std::uint8_t> pending_;
};

}  // namespace postern::sdk
