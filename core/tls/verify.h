#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/reason_table.h"
#include "core/config/configuration.h"
#include "core/tls/chain.h"

namespace postern::tls {

enum class Purpose { client_authentication, server_authentication };

// What the host itself says of a peer's chain. Plugins can only be stricter.
struct Verification {
    std::uint32_t flags = 0;  // POSTERN_VERIFY_*; 0 is good
    std::string detail;       // for the log
    ChainRef verified;        // leaf to anchor, when good
};

// The reason for the most telling of the flags.
[[nodiscard]] Reason reason_of_verification(std::uint32_t flags);

// A set of certificate authorities. Immutable after creation; any thread.
class TrustAnchors {
public:
    // Each file holds PEM (any number) or DER; empty files are an error.
    [[nodiscard]] static Result<std::shared_ptr<const TrustAnchors>> from_files(
        const std::vector<std::string>& paths);

    [[nodiscard]] static Result<std::shared_ptr<const TrustAnchors>> of(const Chain& certificates);

    // The system's store, as GnuTLS finds it. A certificate in it that cannot be read is left out.
    [[nodiscard]] static Result<std::shared_ptr<const TrustAnchors>> of_system();

    ~TrustAnchors();

    // Signatures, validity at `now` (seconds since the epoch), basic constraints, name constraints,
    // purpose, key and signature strength. Where the chain as presented leads to no anchor, or to a
    // bad one, a bounded number of other ways through the certificates is tried. A chain verified a
    // moment ago is remembered by its digest, until its first notAfter and at most five minutes, so
    // that its signatures are not checked again; validity always is.
    [[nodiscard]] Verification verify(const ChainRef& presented, Purpose purpose,
                                      std::int64_t now) const;
    // trust = "pin": validity and purpose of the leaf only; sets POSTERN_VERIFY_SKIPPED.
    [[nodiscard]] static Verification verify_without_chain(const ChainRef& presented,
                                                           Purpose purpose, std::int64_t now);

    // The one or the other, as the configuration says.
    [[nodiscard]] Verification verify(const ChainRef& presented, Purpose purpose,
                                      config::Trust trust, std::int64_t now) const;

    [[nodiscard]] const Digest256& digest() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::vector<Certificate> certificates() const;  // in no particular order

private:
    class State;
    void judge_other_ways(const Chain& presented, Purpose purpose, std::int64_t now,
                          Verification& result) const;
    explicit TrustAnchors(std::unique_ptr<State> state);
    [[nodiscard]] static std::shared_ptr<const TrustAnchors> finish(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Who a certificate says its holder is, once verified: the sorted set of SANs of the first kind
// present (URI, DNS, e-mail), else the subject DN; and under which anchor, since two CAs can sign
// the same name. Never the CN alone.
struct Identity {
    std::string name;  // "uri:spiffe://…", "dns:a.example,dns:b.example", "email:…", "dn:CN=…"
    std::string anchor;  // hex SHA-256 of the anchor's SubjectPublicKeyInfo

    [[nodiscard]] bool empty() const { return name.empty(); }
    friend bool operator==(const Identity&, const Identity&) = default;
};

// Of a verified chain, or under trust = "pin" of the presented one (the leaf is its own anchor).
[[nodiscard]] Identity identity_of(const Chain& chain);

}  // namespace postern::tls
