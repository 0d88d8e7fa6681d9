// Lets so many requests of a connection pass and no more: a limiter whose budget a test can count.
#include <memory>
#include <postern/plugin.hpp>
#include <string>

namespace {

namespace sdk = postern::sdk;

class RequestLimiter : public sdk::Plugin {
public:
    static constexpr const char* kId = "test.request_limiter";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary = "allows the first requests of all";
    using Services = Requires<sdk::Config>;

    explicit RequestLimiter(Host host) : Plugin(host) {}

    void configure(const Config& config) { left_ = config.integer("requests", 0, 0, 1000); }

    Verdict acquire(const Call&, const postern_quota_request& request) {
        if (request.phase != POSTERN_PHASE_REQUEST) return Verdict::abstain();
        if (left_ == 0) return Verdict::deny(POSTERN_REASON_RATE_LIMITED, "all are spent");
        --left_;
        return Verdict::allow();
    }

private:
    std::int64_t left_ = 0;
};

}  // namespace

POSTERN_MODULE(RequestLimiter)
