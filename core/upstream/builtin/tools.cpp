#include "core/upstream/builtin/tools.h"

#include <utility>

namespace postern::upstream {
namespace {

Json or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json as_json(const CallerFacts& facts) {
    Json json;
    json["listener"] = facts.listener;
    json["peer"] = facts.peer;
    json["tls"] = nullptr;
    if (facts.tls) {
        json["tls"] = {{"version", facts.tls->version},
                       {"cipher", facts.tls->cipher},
                       {"resumed", facts.tls->resumed},
                       {"serverName", or_null(facts.tls->server_name)}};
    }
    json["identity"] = nullptr;
    if (!facts.identity.empty()) {
        json["identity"] = {{"name", facts.identity}, {"anchor", or_null(facts.anchor)}};
    }
    json["certificate"] = nullptr;
    if (const auto& certificate = facts.certificate) {
        json["certificate"] = {{"subject", certificate->subject},
                               {"issuer", certificate->issuer},
                               {"serial", certificate->serial},
                               {"sha256", certificate->sha256},
                               {"notAfter", certificate->not_after}};
    }
    json["plugins"] = Json::array();
    for (const auto& answer : facts.plugins) {
        json["plugins"].push_back({{"plugin", answer.plugin},
                                   {"phase", answer.phase},
                                   {"action", answer.action},
                                   {"reason", or_null(answer.reason)},
                                   {"observed", answer.observed}});
    }
    return json;
}

std::string as_lines(const CallerFacts& facts) {
    std::string text;
    const auto line = [&text](std::string_view label, std::string_view value) {
        if (!text.empty()) text += '\n';
        text.append(label).append(": ").append(value);
    };
    line("identity", facts.identity.empty() ? "none (no certificate)" : facts.identity);
    if (!facts.anchor.empty()) line("anchor key", facts.anchor);
    if (const auto& certificate = facts.certificate) {
        line("certificate", certificate->subject);
        line("issuer", certificate->issuer);
        line("serial", certificate->serial);
        line("sha256", certificate->sha256);
        line("expires", certificate->not_after);
    }
    line("tls", facts.tls ? facts.tls->version + ", " + facts.tls->cipher +
                                (facts.tls->resumed ? ", resumed" : "")
                          : "none");
    if (facts.tls && !facts.tls->server_name.empty()) line("server name", facts.tls->server_name);
    line("peer", facts.peer);
    line("listener", facts.listener);
    for (const auto& answer : facts.plugins) {
        line("plugin " + answer.plugin, answer.action + " at " + answer.phase +
                                            (answer.reason.empty() ? "" : ", " + answer.reason) +
                                            (answer.observed ? " (observed only)" : ""));
    }
    return text;
}

Json text_content(std::string text) {
    return Json::array({{{"type", "text"}, {"text", std::move(text)}}});
}

// What a model can put right is told in the result, where models see it; the specification asks for
// that since 2025-11-25.
Json input_error(const std::string& what) {
    Json result;
    result["content"] = text_content(what);
    result["isError"] = true;
    return result;
}

Json echo(const Json& arguments) {
    const auto text = arguments.find("text");
    if (text == arguments.end() || !text->is_string() || arguments.size() != 1) {
        return input_error("echo: there must be \"text\", a string, and no other argument");
    }
    Json result;
    result["content"] = text_content(text->get<std::string>());
    return result;
}

Json whoami(const FactsSource& facts_source) {
    const CallerFacts facts = facts_source();
    Json result;
    result["content"] = text_content(as_lines(facts));
    result["structuredContent"] = as_json(facts);
    return result;
}

Json tool(std::string_view name, std::string_view title, std::string_view description,
          Json properties, Json required) {
    Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    schema["additionalProperties"] = false;
    Json json = {{"name", name}, {"title", title}, {"description", description}};
    json["inputSchema"] = std::move(schema);
    json["annotations"] = {{"readOnlyHint", true}, {"openWorldHint", false}};
    return json;
}

}  // namespace

Json builtin_tool_list() {
    return Json::array(
        {tool("echo", "Echo", "Returns the text it is given.",
              {{"text", {{"type", "string"}, {"description", "What to return"}}}},
              Json::array({"text"})),
         tool(
             "whoami", "Who am I",
             "Tells how the gate sees the caller: TLS session, certificate, identity and what each "
             "plugin answered.",
             Json::object(), Json::array())});
}

Result<Json> call_builtin_tool(const std::string& name, const Json& arguments,
                               const FactsSource& facts) {
    if (!arguments.is_object()) return Error{Fault::refused, "\"arguments\" must be an object"};
    if (name == "echo") return echo(arguments);
    if (name == "whoami") {
        return arguments.empty() ? whoami(facts) : input_error("whoami: it takes no arguments");
    }
    return Error{Fault::refused, "there is no tool of that name; there are echo and whoami"};
}

}  // namespace postern::upstream
