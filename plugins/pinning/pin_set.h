#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pin.h"

namespace postern::pinning {

enum class Standing : std::uint8_t { absent, expired, held };  // the later, the better

// What is held. Filled, then sealed; immutable afterwards and read from every thread.
class PinSet {
public:
    void add(Pin pin) { pins_.push_back(std::move(pin)); }
    void add(const PinSet& other);
    // Sorts, and keeps of what is held twice the one that lasts longest.
    void seal();

    // Whether a digest of this kind can be held at all: others need not be computed.
    [[nodiscard]] bool uses(Subject subject, std::uint32_t algorithm) const;
    // For the peer of this name: pins without a name are everybody's.
    [[nodiscard]] Standing standing(Subject subject, std::uint32_t algorithm, sdk::Bytes digest,
                                    std::string_view name, std::int64_t now) const;
    // A pin, expired or not, is for this name alone.
    [[nodiscard]] bool knows(std::string_view name) const;

    [[nodiscard]] const std::vector<Pin>& pins() const { return pins_; }
    [[nodiscard]] std::size_t size() const { return pins_.size(); }
    [[nodiscard]] bool empty() const { return pins_.empty(); }
    [[nodiscard]] std::size_t expired(std::int64_t now) const;

    friend bool operator==(const PinSet& a, const PinSet& b);

private:
    std::vector<Pin> pins_;
    std::vector<std::string> names_;
    unsigned used_ = 0;  // a bit for each subject and algorithm
};

}  // namespace postern::pinning
