#include "core/tls/path_search.h"

#include <algorithm>

namespace postern::tls {
namespace {

// Four or five certificates each, in practice. An unauthenticated peer can have this many
// certificates verified for it, so the sum is what one longest chain costs twice.
constexpr std::size_t kMaxCandidates = 8;
constexpr std::size_t kMaxCertificates = 32;
constexpr std::size_t kMaxSteps = 512;

bool may_have_issued(const Certificate& issuer, const Certificate& certificate) {
    if (issuer.subject != certificate.issuer) return false;
    return certificate.authority_key_id.empty() || issuer.subject_key_id.empty() ||
           certificate.authority_key_id == issuer.subject_key_id;
}

class Search {
public:
    Search(const Chain& presented, const std::function<bool(const Certificate&)>& issued_by_anchor,
           const std::function<Offer(const PathCandidate&)>& offer)
        : certificates_(presented.certificates()),
          issued_by_anchor_(issued_by_anchor),
          offer_(offer) {}

    void run() { static_cast<void>(extend(0)); }

private:
    // True: no more is wanted. As deep as there are certificates, since none is on a path twice.
    bool extend(std::size_t place) {
        path_.push_back(place);
        const bool over = at_end(place) || climb(place);
        path_.pop_back();
        return over;
    }

    bool at_end(std::size_t place) {
        if (!issued_by_anchor_(certificates_[place])) return false;
        if (++candidates_ > kMaxCandidates) return true;
        offered_ += path_.size();
        if (offered_ > kMaxCertificates) return true;
        return offer_(path_) == Offer::taken;
    }

    bool climb(std::size_t place) {
        for (std::size_t next = 1; next < certificates_.size(); ++next) {
            if (++steps_ > kMaxSteps) return true;
            if (is_on_path(next) || !may_have_issued(certificates_[next], certificates_[place]))
                continue;
            if (extend(next)) return true;
        }
        return false;
    }

    // RFC 4158 2.4.2: a loop is one key under one name twice, whichever certificate says so.
    [[nodiscard]] bool is_on_path(std::size_t next) const {
        return std::any_of(path_.begin(), path_.end(), [&](std::size_t place) {
            return certificates_[place].sha256 == certificates_[next].sha256 ||
                   (certificates_[place].subject == certificates_[next].subject &&
                    certificates_[place].spki == certificates_[next].spki);
        });
    }

    const std::vector<Certificate>& certificates_;
    const std::function<bool(const Certificate&)>& issued_by_anchor_;
    const std::function<Offer(const PathCandidate&)>& offer_;
    PathCandidate path_;
    std::size_t steps_ = 0;
    std::size_t candidates_ = 0;
    std::size_t offered_ = 0;
};

}  // namespace

void search_paths(const Chain& presented,
                  const std::function<bool(const Certificate&)>& issued_by_anchor,
                  const std::function<Offer(const PathCandidate&)>& offer) {
    Search(presented, issued_by_anchor, offer).run();
}

}  // namespace postern::tls
