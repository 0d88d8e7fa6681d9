// Each CASE is a mistake that must not compile; CASE 0 is without one.
#include <postern/plugin.hpp>

namespace sdk = postern::sdk;

class Mistake
#if CASE == 7
    final
#endif
    : public sdk::Plugin {
public:
    static constexpr const char* kId = "test.mistake";
    static constexpr const char* kVersion = "1";
    static constexpr const char* kSummary = "does not compile";
    using Plugin::Plugin;

#if CASE == 0
    Verdict on_accept(const Call&) {
        return Verdict::abstain();
    }
#elif CASE == 1  // overloads, and none of them the SDK's
    void start() {}
    Verdict on_accept(const Call&) {
        return Verdict::abstain();
    }
    Verdict on_request(const Call&) {
        return Verdict::abstain();
    }
    Verdict on_request(int) {
        return Verdict::abstain();
    }
#elif CASE == 2  // another phase's input
    Verdict on_accept(const Call&) {
        return Verdict::abstain();
    }
    Verdict on_peer_certificate(const Call&, const postern_session&) {
        return Verdict::abstain();
    }
#elif CASE == 3  // another result
    bool on_accept(const Call&) {
        return true;
    }
#elif CASE == 4  // no hook at all
    void start() {}
#elif CASE == 5  // half an interface
    Verdict on_accept(const Call&) {
        return Verdict::abstain();
    }
    void release(const Call&, const postern_quota_request&) {}
#elif CASE == 7  // see above
    Verdict on_accept(const Call&) {
        return Verdict::abstain();
    }
#elif CASE == 6  // a private hook
    Verdict on_accept(const Call&) {
        return Verdict::abstain();
    }

private:
    Verdict on_request(const Call&, const postern_request&) {
        return Verdict::abstain();
    }
#endif
};

POSTERN_MODULE(Mistake)
