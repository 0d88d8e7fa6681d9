#include "core/upstream/stdio/budget.h"

namespace postern::upstream {

const std::shared_ptr<StdioBudget>& StdioBudget::of_process() {
    static const auto budget = std::make_shared<StdioBudget>(kOfProcess);
    return budget;
}

void StdioBudget::take(std::size_t bytes) {
    for (StdioBudget* each = this; each != nullptr; each = each->above_.get()) {
        each->taken_.fetch_add(bytes, std::memory_order_relaxed);
    }
}

bool StdioBudget::try_take(std::size_t bytes) {
    for (StdioBudget* each = this; each != nullptr; each = each->above_.get()) {
        if (each->taken_.fetch_add(bytes, std::memory_order_relaxed) < each->limit_) continue;
        for (StdioBudget* undo = this;; undo = undo->above_.get()) {
            undo->taken_.fetch_sub(bytes, std::memory_order_relaxed);
            if (undo == each) return false;
        }
    }
    return true;
}

void StdioBudget::give_back(std::size_t bytes) {
    for (StdioBudget* each = this; each != nullptr; each = each->above_.get()) {
        each->taken_.fetch_sub(bytes, std::memory_order_relaxed);
    }
}

bool StdioBudget::spent() const {
    for (const StdioBudget* each = this; each != nullptr; each = each->above_.get()) {
        if (each->taken() >= each->limit_) return true;
    }
    return false;
}

std::shared_ptr<StdioBudget> StdioBudgets::of_identity(const std::string& tenant) {
    const std::lock_guard lock(mutex_);
    if (auto known = of_identities_[tenant].lock()) return known;
    std::erase_if(of_identities_, [](const auto& entry) { return entry.second.expired(); });
    auto made = std::make_shared<StdioBudget>(StdioBudget::kOfIdentity, upstream_);
    of_identities_[tenant] = made;
    return made;
}

}  // namespace postern::upstream
