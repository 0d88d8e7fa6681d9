// SPDX-License-Identifier: Apache-2.0
//
// verdict.hpp - what a hook answers, at once or later from another thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../call.h"
#include "../verdict.h"
#include "host.hpp"

namespace postern::sdk {

class Verdict {
public:
    static Verdict abstain() { return Verdict(POSTERN_ACTION_ABSTAIN); }
    static Verdict allow() { return Verdict(POSTERN_ACTION_ALLOW); }
    // POSTERN_REASON_*; the detail goes to log and audit, never to the peer.
    static Verdict deny(std::uint32_t reason, std::string detail) {
        return Verdict(POSTERN_ACTION_DENY, reason, std::move(detail));
    }
    // Rate limits only: come again after `delay_ns`.
    static Verdict delay(std::uint64_t delay_ns, std::uint32_t reason, std::string detail) {
        Verdict verdict(POSTERN_ACTION_DELAY, reason, std::move(detail));
        verdict.delay_ns_ = delay_ns;
        return verdict;
    }
    // The answer comes through the Operation that Call::defer() gave.
    static Verdict pending() {
        Verdict verdict(POSTERN_ACTION_DENY);
        verdict.pending_ = true;
        return verdict;
    }

    Verdict&& detail(std::string detail) && {
        detail_ = std::move(detail);
        return std::move(*this);
    }
    // An alert other than the reason table's (RFC 8446 code).
    Verdict&& tls_alert(std::uint32_t alert) && {
        tls_alert_ = alert;
        return std::move(*this);
    }
    // Revocation only: one for each certificate, leaf first.
    Verdict&& facts(std::vector<postern_rev_entry> facts) && {
        facts_ = std::move(facts);
        return std::move(*this);
    }

    std::uint32_t action() const noexcept { return action_; }
    std::uint32_t reason() const noexcept { return reason_; }
    const std::string& detail() const& noexcept { return detail_; }
    const std::vector<postern_rev_entry>& facts() const& noexcept { return facts_; }
    bool is_pending() const noexcept { return pending_; }

    // `out` points into this verdict, which must outlive the host's reading of it.
    void write(postern_verdict& out) const noexcept {
        out.action = action_;
        out.reason = reason_;
        out.tls_alert = tls_alert_;
        out.delay_ns = delay_ns_;
        out.detail = text(std::string_view(detail_));
        out.facts = facts_.empty() ? nullptr : facts_.data();
        out.fact_count = facts_.size();
    }

private:
    explicit Verdict(std::uint32_t action, std::uint32_t reason = POSTERN_REASON_NONE,
                     std::string detail = std::string())
        : action_(action), reason_(reason), detail_(std::move(detail)) {}

    std::uint32_t action_;
    std::uint32_t reason_;
    std::uint32_t tls_alert_ = 0;
    bool pending_ = false;
    std::uint64_t delay_ns_ = 0;
    std::string detail_;
    std::vector<postern_rev_entry> facts_;
};

// Owes the host one completion and pays it: by complete(), by fail(), or, when it is dropped
// unanswered, by its destructor with an error. Move it to whatever thread finds the answer; the
// call's inputs stay valid until then.
class Operation {
public:
    Operation(Host host, postern_op op) noexcept : host_(host), op_(op) {}
    Operation(Operation&& other) noexcept
        : host_(other.host_), op_(std::exchange(other.op_, postern_op{0})) {}
    Operation& operator=(Operation&& other) noexcept {
        if (this != &other) {
            fail(POSTERN_E_INTERNAL);
            host_ = other.host_;
            op_ = std::exchange(other.op_, postern_op{0});
        }
        return *this;
    }
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    ~Operation() { fail(POSTERN_E_INTERNAL); }

    // What cancel() names; 0 once completed.
    postern_op id() const noexcept { return op_; }

    // POSTERN_E_STALE: the host had decided already. Normal, but a limiter undoes its count.
    postern_rc complete(const Verdict& verdict) noexcept {
        if (verdict.is_pending()) return fail(POSTERN_E_INTERNAL);
        postern_verdict out{};
        out.struct_size = sizeof out;
        verdict.write(out);
        return finish(POSTERN_OK, &out);
    }
    postern_rc fail(postern_rc rc) noexcept { return finish(rc, nullptr); }

private:
    postern_rc finish(postern_rc rc, const postern_verdict* verdict) noexcept {
        const postern_op op = std::exchange(op_, postern_op{0});
        if (op == 0) return POSTERN_E_STALE;
        return host_.raw()->complete(host_.raw(), op, rc, verdict);
    }

    Host host_;
    postern_op op_;
};

// What is known of the connection in every phase. Lives as long as the hook's call; what it views
// lives until the hook returned or its Operation completed.
class Call {
public:
    Call(Host host, const postern_call* call) noexcept : host_(host), call_(call) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    const postern_call& raw() const noexcept { return *call_; }
    bool inbound() const noexcept { return (call_->flags & POSTERN_CONN_INBOUND) != 0; }
    bool resumed() const noexcept { return (call_->flags & POSTERN_CONN_RESUMED) != 0; }
    bool tls() const noexcept { return (call_->flags & POSTERN_CONN_TLS) != 0; }
    bool review() const noexcept { return (call_->flags & POSTERN_CALL_REVIEW) != 0; }
    bool dry_run() const noexcept { return (call_->flags & POSTERN_CALL_DRY_RUN) != 0; }
    std::uint64_t deadline_ns() const noexcept { return call_->deadline_ns; }
    postern_conn_id conn() const noexcept { return call_->conn; }
    const postern_endpoint& peer() const noexcept { return call_->peer; }
    const postern_endpoint& local() const noexcept { return call_->local; }
    std::string_view listener() const noexcept { return text(call_->listener); }

    // Take it, hand it on, and return Verdict::pending().
    [[nodiscard]] Operation defer() const noexcept {
        deferred_ = true;
        return Operation(host_, call_->op);
    }
    bool deferred() const noexcept { return deferred_; }

    // The instance's own object on this connection, of one type T throughout; there is no place
    // for one on review. take_state() in on_close() frees it. [loop]
    template <class T>
    T* state() const noexcept {
        return call_->slot == nullptr ? nullptr : static_cast<T*>(*call_->slot);
    }
    template <class T>
    void set_state(std::unique_ptr<T> state) const noexcept {
        if (call_->slot == nullptr) return;
        delete static_cast<T*>(*call_->slot);
        *call_->slot = state.release();
    }
    template <class T>
    std::unique_ptr<T> take_state() const noexcept {
        if (call_->slot == nullptr) return nullptr;
        return std::unique_ptr<T>(static_cast<T*>(std::exchange(*call_->slot, nullptr)));
    }

private:
    Host host_;
    const postern_call* call_;
    mutable bool deferred_ = false;
};

}  // namespace postern::sdk
