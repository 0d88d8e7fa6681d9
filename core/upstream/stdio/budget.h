#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace postern::upstream {

// How much of what children have said may wait in the gate for clients: of one home, of one
// identity, of an upstream, of the process, each a part of the one above. Who finds one of them
// spent reads no more of its child until it is not. So what waits is at most a limit and one line
// for each who took at the same moment. Any thread.
class StdioBudget {
public:
    static constexpr std::size_t kOfHome = std::size_t{16} << 20;
    static constexpr std::size_t kOfIdentity = std::size_t{32} << 20;
    static constexpr std::size_t kOfUpstream = std::size_t{64} << 20;
    static constexpr std::size_t kOfProcess = std::size_t{256} << 20;

    explicit StdioBudget(std::size_t limit, std::shared_ptr<StdioBudget> above = nullptr)
        : limit_(limit), above_(std::move(above)) {}

    [[nodiscard]] static const std::shared_ptr<StdioBudget>& of_process();

    void take(std::size_t bytes);
    // Only where nothing is spent; else takes nothing.
    [[nodiscard]] bool try_take(std::size_t bytes);
    void give_back(std::size_t bytes);

    [[nodiscard]] bool spent() const;  // this or one above
    [[nodiscard]] std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

private:
    const std::size_t limit_;
    const std::shared_ptr<StdioBudget> above_;
    std::atomic<std::size_t> taken_{0};
};

// The budgets of one upstream's identities, each as long as somebody uses it. Any thread.
class StdioBudgets {
public:
    [[nodiscard]] std::shared_ptr<StdioBudget> of_identity(const std::string& tenant);

private:
    const std::shared_ptr<StdioBudget> upstream_ =
        std::make_shared<StdioBudget>(StdioBudget::kOfUpstream, StdioBudget::of_process());
    std::mutex mutex_;
    std::unordered_map<std::string, std::weak_ptr<StdioBudget>> of_identities_;  // under mutex_
};

}  // namespace postern::upstream
