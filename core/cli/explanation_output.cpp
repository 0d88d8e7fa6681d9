#include "core/cli/explanation_output.h"

#include <nlohmann/json.hpp>

#include "core/base/reason_advice.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

const char* word(PluginAnswer::Said said) {
    switch (said) {
        case PluginAnswer::Said::allow:
            return "allow";
        case PluginAnswer::Said::abstain:
            return "abstain";
        case PluginAnswer::Said::deny:
            return "deny";
        case PluginAnswer::Said::not_asked:
            break;
    }
    return "not asked";
}

std::string subject_of(const tls::Certificate& certificate) {
    return certificate.subject_text.empty() ? "(no subject)" : printable(certificate.subject_text);
}

std::string padded(std::string text) {
    text.resize(std::max<std::size_t>(text.size(), 12), ' ');
    return text;
}

std::string said_text(const PluginAnswer& answer) {
    std::string text = word(answer.said);
    if (answer.said == PluginAnswer::Said::deny)
        text +=
            ": " + std::string(reason_row(answer.reason).name) + ": " + printable(answer.detail);
    if (answer.mode == config::Mode::observe) text += " (observe: it does not count)";
    return text;
}

nlohmann::ordered_json chain_json(const tls::ChainRef& chain) {
    auto list = nlohmann::ordered_json::array();
    if (chain == nullptr) return list;
    for (const tls::Certificate& certificate : chain->certificates())
        list.push_back({{"subject", certificate.subject_text},
                        {"issuer", certificate.issuer_text},
                        {"serial", to_hex(certificate.serial)},
                        {"sha256", to_hex(certificate.sha256)}});
    return list;
}

}  // namespace

std::string to_text(const Explanation& explanation) {
    std::string text = "presented:\n";
    for (const tls::Certificate& certificate : explanation.presented->certificates())
        text += "  " + subject_of(certificate) + "\n";
    if (explanation.built != nullptr) {
        text += "chain built, leaf to anchor:\n";
        for (const tls::Certificate& certificate : explanation.built->certificates())
            text += "  " + subject_of(certificate) + "\n";
    }
    if (!explanation.identity.empty())
        text += "identity: " + printable(explanation.identity.name) + "\n";
    const bool host = explanation.decided_by == "host";
    text += "verdicts:\n  " + padded("host") + " " +
            (host ? "deny: " + std::string(reason_row(explanation.reason).name) + ": " +
                        printable(explanation.detail)
                  : "allow") +
            "\n";
    for (const PluginAnswer& answer : explanation.answers)
        text += "  " + padded(printable(answer.plugin)) + " " + said_text(answer) + "\n";
    return text + (explanation.allowed ? "decision: admitted\n" : "decision: refused\n");
}

std::string to_json_text(const Explanation& explanation) {
    auto answers = nlohmann::ordered_json::array();
    for (const PluginAnswer& answer : explanation.answers) {
        nlohmann::ordered_json one = {
            {"plugin", answer.plugin},
            {"mode", answer.mode == config::Mode::observe ? "observe" : "enforce"},
            {"verdict", word(answer.said)}};
        if (answer.said == PluginAnswer::Said::deny) {
            one["reason"] = reason_row(answer.reason).name;
            one["detail"] = answer.detail;
        }
        answers.push_back(std::move(one));
    }
    nlohmann::ordered_json all = {{"allowed", explanation.allowed}};
    if (!explanation.allowed) {
        const ReasonRow& row = reason_row(explanation.reason);
        all["reason"] = row.name;
        all["code"] = row.reason;
        all["decided_by"] = explanation.decided_by;
        all["detail"] = explanation.detail;
        all["meaning"] = row.sentence;
        all["cure"] = advice_for(explanation.reason).cure;
    }
    all["identity"] = explanation.identity.name;
    all["presented"] = chain_json(explanation.presented);
    all["chain"] = chain_json(explanation.built);
    all["plugins"] = std::move(answers);
    // Names in certificates need not be UTF-8.
    return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string remedy_line(const Explanation& explanation) {
    return "refused by " + printable(explanation.decided_by) + ": " +
           std::string(reason_row(explanation.reason).name) + ": " + printable(explanation.detail) +
           "; to mend: " + std::string(advice_for(explanation.reason).cure);
}

}  // namespace postern::cli
