#pragma once

#include "postern/plugin.hpp"
#include "rule_source.h"

namespace postern::validator {

// What the rules say of a caller. Keeps what they make of its identity beside the connection. Any
// loop, at once.
class Authorization {
public:
    Authorization(const RuleSource& source, sdk::X509 x509, const sdk::Log& log)
        : source_(source), x509_(x509), log_(log) {}

    // Whether the peer might do anything here at all.
    [[nodiscard]] sdk::Verdict may_come(const sdk::Call& call, const postern_chain* chain,
                                        bool verified) const;
    // Whether it may do this.
    [[nodiscard]] sdk::Verdict may_ask(const sdk::Call& call, const postern_request& request) const;
    static void forget(const sdk::Call& call);

private:
    struct Caller;

    // The connection's own, or `spare` where there is no place for one.
    [[nodiscard]] Caller& caller_of(const sdk::Call& call, const postern_chain* chain,
                                    bool verified, std::unique_ptr<Caller>& spare) const;

    const RuleSource& source_;
    sdk::X509 x509_;
    const sdk::Log& log_;
};

}  // namespace postern::validator
