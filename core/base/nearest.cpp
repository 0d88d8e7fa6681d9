#include "core/base/nearest.h"

#include <algorithm>
#include <vector>

namespace postern {
namespace {

// Nobody mistypes a word this long into another; it bounds the work for hostile input.
constexpr std::size_t kLongestWord = 64;

// Optimal string alignment: insert, delete, replace, and swap of two neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> previous(right.size() + 1);
    std::vector<std::size_t> current(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) previous[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                current[j] = std::min(current[j], before[j - 2] + 1);
            }
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return previous[right.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
    if (word.empty() || word.size() > kLongestWord) return std::nullopt;
    const std::string* best = nullptr;
    // Words of one or two letters still deserve a guess that is one edit away.
    std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const std::string& candidate : candidates) {
        if (candidate.empty() || candidate.size() > kLongestWord) continue;
        const std::size_t edits = distance(word, candidate);
        if (edits >= best_distance || edits >= candidate.size()) continue;
        best = &candidate;
        best_distance = edits;
    }
    if (best == nullptr) return std::nullopt;
    return *best;
}

}  // namespace postern
