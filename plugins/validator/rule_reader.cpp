#include "rule_reader.h"

#include <array>
#include <set>
#include <utility>

namespace postern::validator {

namespace {

using Config = sdk::Config;

constexpr std::size_t kMaxRules = 10'000;
constexpr std::array<const char*, 7> kKinds{"uri",    "dns", "email",      "dn",
                                            "issuer", "key", "certificate"};
constexpr std::array<const char*, 9> kRuleKeys{"name",  "identity", "listener",  "route", "methods",
                                               "tools", "prompts",  "resources", "action"};
constexpr const char* kForms =
    "\"uri:\", \"dns:\", \"email:\", \"dn:\", \"issuer:\", \"key:\" or \"certificate:\" and a "
    "value, \"group:\" and a name, \"*\" for whoever has a certificate, or \"anonymous\"";

// No authority promises that no other gives out the same common name.
void check_names_somebody(const Config& place, const Identity& identity) {
    const bool otherwise_bound = identity.uri || !identity.dns.empty() || !identity.email.empty() ||
                                 identity.issuer || !identity.issuer_key.empty() ||
                                 !identity.key.empty() || !identity.certificate.empty();
    if (identity.subject && identity.subject->names_common_name_alone() && !otherwise_bound) {
        place.fail(
            "names nobody by a common name alone; say the issuer too: "
            "{ dn = \"CN=…\", issuer = \"…\" }");
    }
}

class RuleReader {
public:
    explicit RuleReader(const Config& table) : table_(table) {}

    std::shared_ptr<const RuleSet> read() {
        ask_for_all_keys();
        read_groups();
        const std::vector<Config> rules = table_.tables("rule");
        if (rules.empty()) {
            table_.fail("there is no [[rule]], so that nobody could call anything");
        }
        if (rules.size() > kMaxRules) table_.fail("rule", "has more than 10,000 entries");
        for (const Config& rule : rules) read_rule(rule);
        return std::make_shared<const RuleSet>(std::move(index_), std::move(rules_),
                                               std::move(text_));
    }

private:
    // The first error ends the reading; what comes behind it must not be told as unknown.
    void ask_for_all_keys() const {
        for (const Config& rule : table_.tables("rule")) {
            for (const char* key : kRuleKeys) static_cast<void>(rule.has(key));
            ask_for_kinds(rule.value("identity"));
        }
        for (const auto& [name, members] : table_.table("group").entries()) ask_for_kinds(members);
    }
    static void ask_for_kinds(const Config& identities) {
        for (const Config& identity : list(identities)) {
            for (const char* kind : kKinds) static_cast<void>(identity.has(kind));
        }
    }

    void read_groups() {
        for (const auto& [name, members] : table_.table("group").entries()) {
            std::vector<Identity> identities;
            for (const Config& member : list(members)) {
                if (is_string(member) && whole(member).substr(0, 6) == "group:") {
                    member.fail("is a group inside a group; list its members");
                }
                identities.push_back(identity(member));
            }
            groups_[name] = add_list(identities);
        }
    }

    void read_rule(const Config& config) {
        Rule rule;
        rule.name = config.string("name", "rule " + std::to_string(rules_.size() + 1));
        if (rule.name.empty() || rule.name.size() > 100) {
            config.fail("name", "must have 1 to 100 characters");
        }
        if (!names_.insert(rule.name).second) {
            config.fail("name", "\"" + rule.name + "\" is an earlier rule's too");
        }
        rule.action = config.choice("action", {"allow", "deny"}) == "allow" ? Rule::Action::allow
                                                                            : Rule::Action::deny;
        if (!config.has("identity")) {
            config.fail("identity is required: " + std::string(kForms));
        }
        rule.who = who(config.value("identity"));
        rule.listeners = patterns(config, "listener", Pattern::Form::name);
        rule.routes = patterns(config, "route", Pattern::Form::name);
        rule.methods = patterns(config, "methods", Pattern::Form::name);
        rule.tools = patterns(config, "tools", Pattern::Form::name);
        rule.prompts = patterns(config, "prompts", Pattern::Form::name);
        rule.resources = patterns(config, "resources", Pattern::Form::segments);
        if (rule.listeners && rule.listeners->empty()) config.fail("listener", "is empty");
        if (rule.routes && rule.routes->empty()) config.fail("route", "is empty");
        text_ += rule.text();
        for (const std::uint32_t list : rule.who) text_ += std::to_string(list) + " ";
        rules_.push_back(std::move(rule));
    }

    std::vector<std::uint32_t> who(const Config& value) {
        std::vector<std::uint32_t> out;
        std::vector<Identity> own;
        for (const Config& entry : list(value)) {
            const std::string text = is_string(entry) ? whole(entry) : "";
            if (text.substr(0, 6) != "group:") {
                own.push_back(identity(entry));
                continue;
            }
            const auto group = groups_.find(text.substr(6));
            if (group == groups_.end()) {
                entry.fail("\"" + text + "\": there is no such group; " + known_groups());
            }
            out.push_back(group->second);
        }
        if (!own.empty()) out.push_back(add_list(own));
        if (out.empty()) value.fail("is empty, so that the rule is for nobody");
        return out;
    }

    std::uint32_t add_list(const std::vector<Identity>& identities) {
        text_ += "list\n";
        for (const Identity& identity : identities) text_ += identity.text();
        return index_.add_list(identities);
    }

    static Identity identity(const Config& value) {
        Identity out;
        if (!is_string(value)) {
            for (const char* kind : kKinds) {
                if (value.has(kind)) add(value, out, kind, value.string(kind));
            }
            if (out.text().empty()) {
                value.fail("names nobody; it has uri, dns, email, dn, issuer, key or certificate");
            }
        } else {
            const std::string text = whole(value);
            if (text == "*" || text == "anonymous") {
                out.word = text;
                return out;
            }
            const std::size_t colon = text.find(':');
            const std::string kind = text.substr(0, colon);
            if (text.find("://") == colon && colon != std::string::npos) {
                add(value, out, "uri", text);  // "spiffe://…"
            } else if (colon == std::string::npos || !is_kind(kind)) {
                value.fail("\"" + text + "\" is nobody; an identity is " + kForms);
            } else {
                add(value, out, kind, text.substr(colon + 1));
            }
        }
        check_names_somebody(value, out);
        return out;
    }

    static bool is_kind(const std::string& kind) {
        for (const char* known : kKinds) {
            if (kind == known) return true;
        }
        return false;
    }

    static void add(const Config& place, Identity& out, const std::string& kind,
                    const std::string& value) {
        const std::string fault = add_condition(out, kind, value);
        if (!fault.empty()) place.fail(kind + " \"" + value.substr(0, 200) + "\" " + fault);
    }

    static std::optional<Patterns> patterns(const Config& config, const char* key,
                                            Pattern::Form form) {
        if (!config.has(key)) return std::nullopt;
        Patterns out;
        for (const Config& entry : list(config.value(key))) {
            const std::string text = whole(entry);
            std::string_view fault = Pattern::fault(text, form);
            if (fault.empty() && form == Pattern::Form::segments && text != "*" && text != "**") {
                fault = resource_fault(text);
            }
            if (!fault.empty()) {
                entry.fail("\"" + text.substr(0, 200) + "\" " + std::string(fault));
            }
            // Alone it means every one, of however many segments.
            out.emplace_back(form == Pattern::Form::segments && text == "*" ? "**" : text, form);
        }
        return out;
    }

    // A value, or each of an array of them.
    static std::vector<Config> list(const Config& value) {
        return value.type() == POSTERN_NODE_ARRAY ? value.elements() : std::vector<Config>{value};
    }
    static bool is_string(const Config& value) { return value.type() != POSTERN_NODE_TABLE; }
    static std::string whole(const Config& value) { return value.as_string(); }

    std::string known_groups() const {
        if (groups_.empty()) return "[group] has none";
        std::string out;
        for (const auto& [name, list] : groups_) out += (out.empty() ? "" : ", ") + name;
        return "known are " + out.substr(0, 300);
    }

    const Config& table_;
    IdentityIndex index_;
    std::map<std::string, std::uint32_t> groups_;
    std::set<std::string> names_;
    std::vector<Rule> rules_;
    std::string text_;
};

}  // namespace

std::shared_ptr<const RuleSet> read_rules(const sdk::Config& table) {
    return RuleReader(table).read();
}

}  // namespace postern::validator
