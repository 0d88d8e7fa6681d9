#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "pin_set.h"

namespace postern::pinning {

// What is known at one moment; immutable.
struct Known {
    PinSet pins;
    PinSet pending;
};

// The present Known: a timer and first uses put the next one in its place. [any]
class Held {
public:
    [[nodiscard]] std::shared_ptr<const Known> current() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return known_;
    }
    void publish(std::shared_ptr<const Known> known) {
        const std::lock_guard<std::mutex> lock(mutex_);
        known_.swap(known);
    }

private:
    // Not std::atomic<std::shared_ptr>: GCC 12's load() releases its lock bit with relaxed order,
    // so that a reader may race with the next store.
    mutable std::mutex mutex_;
    std::shared_ptr<const Known> known_ = std::make_shared<const Known>();
};

}  // namespace postern::pinning
