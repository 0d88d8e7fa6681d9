// A plugin with every hook and service of the C++ layer, so that all its templates are compiled in
// every standard and by every compiler.
#include <postern/plugin.hpp>
#include <string>
#include <thread>

namespace {

namespace sdk = postern::sdk;

class EveryHook : public sdk::Plugin {
public:
    static constexpr const char* kId = "org.example.every-hook";
    static constexpr const char* kVersion = "1.0";
    static constexpr const char* kSummary = "has all there is";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Services = Requires<sdk::Clock, sdk::Config, sdk::Crypto, sdk::Executor, sdk::Fetch,
                              sdk::Log, sdk::Metrics, sdk::Store, sdk::X509>;
    using Plugin::Plugin;

    void configure(Config& config) {
        text_ = config.string("required") + config.string("text", "") + config.path("path", "") +
                config.state_path("state_path", "") + config.choice("choice", {"a", "b"});
        if (config.boolean("flag", false)) config.fail("flag", "is not allowed");
        number_ = config.integer("number", 3, 1, 5) + config.seconds("seconds", 0);
        real_ = config.real("real", 0.5);
        wait_ = config.duration("wait", std::chrono::seconds(3));
        size_ = config.size("size", 4096) + config.paths("paths").size() +
                config.strings("strings").size() + config.tables("tables").size();
        for (const auto& [key, value] : config.table("map").entries()) text_ += key;
    }
    void start() {
        store_.open("");
        store_.put("key", Bytes(std::string_view("value")));
        store_.create("other", Bytes(std::string_view("value")));
        if (const auto value = store_.get("key")) text_ += sdk::hex(*value);
        store_.erase(store_.keys().front());
        seen_ = sdk::Metrics(host()).counter("seen", "what was seen");
        held_ = sdk::Metrics(host()).gauge("held", "what is held");
        sdk::Executor(host()).post([this] { held_.add(clock_.wall_seconds()); });
        sdk::FetchRequest request;
        request.url = text_;
        sdk::Fetch(host()).start(request, [this](const sdk::FetchAnswer& answer) {
            log().info("fetched", {{"type", answer.header("content-type")}});
        });
        x509_.import_certificates(Bytes(), anchors_);
        const sdk::Crypto crypto(host());
        sdk::Crypto::Verification verification(crypto, Bytes(), Bytes());
        verification.update(Bytes());
        if (verification.finish(Bytes()) == POSTERN_OK) host().changed(POSTERN_CHANGED_FACTS);
        timer_ = sdk::Executor(host()).after(wait_, wait_, [this] { seen_.add(); });
    }
    void drain() { timer_.stop(); }
    void cancel(postern_op) {}
    void policy_digest(Digest& digest) const { digest.add("text", text_).add("number", number_); }

    Verdict on_accept(const Call& call) {
        call.set_state(std::make_unique<int>(1));
        return *call.state<int>() == 1 ? Verdict::allow() : Verdict::abstain();
    }
    Verdict on_client_hello(const Call& call, const postern_client_hello&) {
        std::thread([operation = call.defer()]() mutable {
            operation.complete(Verdict::allow());
        }).detach();
        return Verdict::pending();
    }
    Verdict on_peer_certificate(const Call&, const postern_peer_cert& cert) {
        const sdk::ChainRef kept = x509_.keep(cert.verified);
        const sdk::Certificate leaf = kept.chain().leaf();
        if (!leaf.number(POSTERN_X_NOT_AFTER) || leaf.names(POSTERN_X_SAN_DNS).empty() ||
            leaf.extension("2.5.29.15")) {
            return Verdict::deny(POSTERN_REASON_POLICY, std::string(leaf.subject_text()))
                .tls_alert(42);
        }
        return Verdict::abstain();
    }
    Verdict on_established(const Call&, const postern_session&) { return Verdict::allow(); }
    Verdict on_request(const Call&, const postern_request&) { return Verdict::allow(); }
    void on_close(const Call& call, const postern_close&) { call.take_state<int>(); }
    Verdict evaluate(const Call&, const postern_peer_cert&) { return Verdict::allow(); }
    Verdict on_pinning_established(const Call&, const postern_session&) {
        return Verdict::allow().detail("pinned");
    }
    Verdict check(const Call&, const postern_peer_cert&) {
        return Verdict::abstain().facts(std::vector<postern_rev_entry>(2));
    }
    Verdict acquire(const Call&, const postern_quota_request&) {
        return Verdict::delay(clock_.monotonic_ns(), POSTERN_REASON_RATE_LIMITED, "slow");
    }
    void release(const Call&, const postern_quota_request&) {}

private:
    sdk::Clock clock_{host()};
    sdk::Store store_{host()};
    sdk::X509 x509_{host()};
    sdk::ChainRef anchors_;
    sdk::Metric seen_;
    sdk::Metric held_;
    std::string text_;
    std::int64_t number_ = 0;
    double real_ = 0;
    std::chrono::nanoseconds wait_{};
    std::uint64_t size_ = 0;
    sdk::Timer timer_;
};

}  // namespace

POSTERN_MODULE(EveryHook)
