#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/tls/chain.h"

namespace postern::tls {

// A way from the leaf upwards, by places in what the peer presented; an anchor issued its last.
using PathCandidate = std::vector<std::size_t>;

// The ways that subject, issuer and key identifiers allow, for chains that came out of order, with
// certificates of no use, or cross-signed, where the first way may lead to a stranger. Nothing is
// verified here. `offer` is called with each until it says that it was good. Bounded in steps, in
// candidates and in the certificates of all of them, whatever was presented.
enum class Offer : bool { refused, taken };
void search_paths(const Chain& presented,
                  const std::function<bool(const Certificate&)>& issued_by_anchor,
                  const std::function<Offer(const PathCandidate&)>& offer);

}  // namespace postern::tls
