#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "postern/service/crypto.h"

namespace postern::plugin {

class Verification;

// One instance's signature checks under way. A handle's number is never used again. Any thread.
class Verifications {
public:
    static constexpr std::size_t kMax = 64;

    Verifications();
    ~Verifications();

    // 0: there are kMax.
    [[nodiscard]] std::uint64_t add(std::shared_ptr<Verification> verification);
    [[nodiscard]] std::shared_ptr<Verification> find(std::uint64_t handle);
    [[nodiscard]] std::shared_ptr<Verification> take(std::uint64_t handle);

private:
    std::mutex mutex_;
    std::map<std::uint64_t, std::shared_ptr<Verification>> all_;
    std::uint64_t last_ = 0;
};

[[nodiscard]] const postern_crypto* crypto_service();

}  // namespace postern::plugin
