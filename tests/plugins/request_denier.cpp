// Denies what its configuration names, and says in the detail all that it was told of the request.
#include <algorithm>
#include <postern/plugin.hpp>
#include <string>
#include <vector>

namespace {

namespace sdk = postern::sdk;

class RequestDenier : public sdk::Plugin {
public:
    static constexpr const char* kId = "test.request_denier";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary = "denies the names and methods it is given";
    using Services = Requires<sdk::Config>;

    explicit RequestDenier(Host host) : Plugin(host) {}

    void configure(const Config& config) { denied_ = config.strings("denied"); }

    Verdict on_request(const Call&, const postern_request& request) {
        const std::string method(sdk::text(request.method));
        const std::string name(sdk::text(request.name));
        const auto denied = [this](const std::string& text) {
            return std::find(denied_.begin(), denied_.end(), text) != denied_.end();
        };
        if (!denied(method) && !denied(name)) return Verdict::allow();
        const char* const era = request.era == POSTERN_ERA_MODERN ? "modern" : "legacy";
        return Verdict::deny(POSTERN_REASON_POLICY,
                             std::string(era) + " " + method + " " +
                                 std::to_string(request.name_kind) + " [" + name + "] session [" +
                                 std::string(sdk::text(request.session)) + "]");
    }

private:
    std::vector<std::string> denied_;
};

}  // namespace

POSTERN_MODULE(RequestDenier)
