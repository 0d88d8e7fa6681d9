#pragma once

#include "tests/unit/sdk_fake_host/fake_host.h"

namespace postern::fake {

// The services' functions, as tables of C functions that find their FakeHost by its handle.
struct FakeServices {
    static void provide_all(FakeHost& host);

private:
    static const postern_log* log();
    static const postern_clock* clock();
    static const postern_executor* executor();
    static const postern_metrics* metrics();
    static const postern_store* store();
    static const postern_crypto* crypto();
};

}  // namespace postern::fake
