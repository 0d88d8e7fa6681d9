#include "authorization.h"

#include <algorithm>
#include <utility>

#include "question.h"

namespace postern::validator {

namespace {

// Routes of one connection whose rules are kept at hand.
constexpr std::size_t kMaxRoutes = 64;

std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 200;
    return "\"" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "…\"" : "\"");
}

std::string describe(const Question& question, std::string_view route) {
    std::string out = question.method.empty() ? "a request" : shown(question.method);
    if (!question.name.empty()) out += " of " + shown(question.name);
    return out + " on route " + shown(route);
}

sdk::Verdict refuse(std::string detail) {
    return sdk::Verdict::deny(POSTERN_REASON_IDENTITY_NOT_ALLOWED, std::move(detail));
}

}  // namespace

struct Authorization::Caller {
    sdk::ChainRef chain;
    bool verified = false;
    std::uint64_t version = 0;
    std::shared_ptr<const RuleSet> rules;
    RuleSet::Lists lists;
    std::string name;
    std::vector<std::pair<std::string, std::shared_ptr<const RouteRules>>> routes;

    const RouteRules& on_route(std::string_view listener, const postern_request& request) {
        const std::string_view route = sdk::text(request.route);
        for (const auto& [known, compiled] : routes) {
            if (known == route) return *compiled;
        }
        if (routes.size() == kMaxRoutes) routes.clear();
        const std::string_view path = POSTERN_HAS(&request, postern_request, route_path)
                                          ? sdk::text(request.route_path)
                                          : std::string_view();
        routes.emplace_back(std::string(route), rules->on_route(lists, listener, route, path));
        return *routes.back().second;
    }
};

Authorization::Caller& Authorization::caller_of(const sdk::Call& call, const postern_chain* chain,
                                                bool verified,
                                                std::unique_ptr<Caller>& spare) const {
    Caller* const known = call.state<Caller>();
    if (known != nullptr && known->chain.raw() == chain && known->verified == verified &&
        known->version == source_.version()) {
        return *known;
    }
    auto caller = std::make_unique<Caller>();
    caller->chain = x509_.keep(chain);
    caller->verified = verified;
    caller->rules = source_.current(caller->version);
    const Peer peer = read_peer(x509_.chain(chain), verified);
    caller->lists = caller->rules->lists_of(peer);
    caller->name = peer.name();
    Caller& out = *caller;
    if (call.raw().slot == nullptr) {
        spare = std::move(caller);
    } else {
        call.set_state(std::move(caller));
    }
    return out;
}

sdk::Verdict Authorization::may_come(const sdk::Call& call, const postern_chain* chain,
                                     bool verified) const {
    std::unique_ptr<Caller> spare;
    const Caller& caller = caller_of(call, chain, verified, spare);
    if (caller.rules->may_come(caller.lists, call.listener())) return sdk::Verdict::allow();
    return refuse("no rule lets " + shown(caller.name) + " do anything on " +
                  shown(call.listener()));
}

sdk::Verdict Authorization::may_ask(const sdk::Call& call, const postern_request& request) const {
    std::unique_ptr<Caller> spare;
    const bool verified = (call.raw().flags & POSTERN_CONN_VERIFIED) != 0;
    Caller& caller = caller_of(call, request.peer, verified, spare);
    const RouteRules& rules = caller.on_route(call.listener(), request);
    const Question question = question_of(sdk::text(request.method), sdk::text(request.name));
    const std::string_view route = sdk::text(request.route);
    if (question.kind == Question::Kind::resource && rules.look_at_resources()) {
        if (const auto fault = resource_fault(question.name); !fault.empty()) {
            return refuse("no rule decides " + describe(question, route) + ": the URI " +
                          std::string(fault) + ", and servers may read it as another");
        }
    }
    const Rule* const rule = rules.deciding(question);
    if (rule == nullptr) return refuse("no rule allows " + describe(question, route));
    if (!rule->allows()) {
        return refuse("rule " + shown(rule->name) + " denies " + describe(question, route));
    }
    if (log_.writes(POSTERN_LOG_DEBUG)) {
        log_.debug("rule " + shown(rule->name) + " allows " + describe(question, route),
                   {{"listener", call.listener()}, {"identity", caller.name}});
    }
    return sdk::Verdict::allow();
}

void Authorization::forget(const sdk::Call& call) {
    static_cast<void>(call.take_state<Caller>());
}

}  // namespace postern::validator
