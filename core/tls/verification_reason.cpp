// reason_of_verification of verify.h.
#include "core/tls/verify.h"
#include "postern/call.h"

namespace postern::tls {
namespace {

struct Row {
    std::uint32_t flag;
    Reason reason;
};
// The first that is set tells the most: what an administrator has to mend before the others matter.
constexpr Row kRows[] = {
    {POSTERN_VERIFY_CHAIN_TOO_LONG, POSTERN_REASON_CHAIN_TOO_LONG},
    {POSTERN_VERIFY_BAD_SIGNATURE, POSTERN_REASON_BAD_SIGNATURE},
    {POSTERN_VERIFY_UNKNOWN_AUTHORITY, POSTERN_REASON_UNKNOWN_AUTHORITY},
    {POSTERN_VERIFY_ISSUER_NOT_A_CA, POSTERN_REASON_ISSUER_NOT_A_CA},
    {POSTERN_VERIFY_NAME_MISMATCH, POSTERN_REASON_NAME_MISMATCH},
    {POSTERN_VERIFY_NAME_CONSTRAINT, POSTERN_REASON_NAME_CONSTRAINT},
    {POSTERN_VERIFY_EXPIRED, POSTERN_REASON_CERTIFICATE_EXPIRED},
    {POSTERN_VERIFY_NOT_YET_VALID, POSTERN_REASON_CERTIFICATE_NOT_YET_VALID},
    {POSTERN_VERIFY_WRONG_PURPOSE, POSTERN_REASON_WRONG_PURPOSE},
    {POSTERN_VERIFY_INSECURE_ALGORITHM, POSTERN_REASON_INSECURE_ALGORITHM},
};

}  // namespace

Reason reason_of_verification(std::uint32_t flags) {
    for (const Row& row : kRows)
        if ((flags & row.flag) != 0) return row.reason;
    const bool good = (flags & ~POSTERN_VERIFY_SKIPPED) == 0;
    return good ? POSTERN_REASON_NONE : POSTERN_REASON_CERTIFICATE_INVALID;
}

}  // namespace postern::tls
