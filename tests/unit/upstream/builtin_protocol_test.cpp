#include "core/upstream/builtin/protocol.h"

#include <string>
#include <utility>

#include <boost/test/unit_test.hpp>

using namespace postern;
using upstream::Json;

namespace {

using Headers = std::initializer_list<std::pair<const char*, const char*>>;

upstream::CallerFacts facts() {
    upstream::CallerFacts facts;
    facts.listener = "front";
    facts.peer = "192.0.2.1:5000";
    facts.tls =
        upstream::CallerFacts::Tls{"TLS 1.3", "TLS_AES_128_GCM_SHA256", true, "gate.example"};
    facts.identity = "dns:alice";
    facts.certificate =
        upstream::CallerFacts::Certificate{"CN=al\xffice", "CN=ca", "01", "ab", "2030"};
    facts.plugins.push_back({"pinning", "peer_certificate", "allow", "", true});
    return facts;
}

struct Answer {
    int status;
    Json body;
    [[nodiscard]] int code() const { return body.at("error").at("code").get<int>(); }
};

upstream::BuiltinReply answer(const std::string& body, Headers headers,
                              std::string method = "POST") {
    net::HttpRequest request;
    request.method = std::move(method);
    request.headers.add("Accept", "application/json, text/event-stream");
    request.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : headers) {
        request.headers.remove(name);
        if (*value != '\0') request.headers.add(name, value);
    }
    request.body = body;
    return upstream::answer_builtin(request, facts);
}

Answer post(const std::string& body, Headers headers, std::string method = "POST") {
    const auto reply = answer(body, headers, std::move(method));
    return {reply.status, reply.body.empty() ? Json() : Json::parse(reply.body)};
}

std::string answer_text(const std::string& body, Headers headers) {
    return answer(body, headers).body;
}

std::string message(const std::string& method, const std::string& params,
                    const std::string& id = "1") {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" +
           params + "}";
}

const std::string kMeta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                          R"("io.modelcontextprotocol/clientCapabilities":{}})";

std::string initialize(const std::string& version) {
    return R"({"protocolVersion":")" + version +
           R"(","capabilities":{},"clientInfo":{"name":"a","version":"1"}})";
}

std::string modern(const std::string& method, const std::string& params = "") {
    return message(method, "{" + params + (params.empty() ? "" : ",") + kMeta + "}");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(builtin_protocol)

BOOST_AUTO_TEST_CASE(initialize_negotiates_the_version) {
    const auto known = post(message("initialize", initialize("2025-03-26"), "\"a\""), {});
    BOOST_TEST(known.status == 200);
    BOOST_TEST(known.body["id"] == "a");
    BOOST_TEST(known.body["result"]["protocolVersion"] == "2025-03-26");
    BOOST_TEST(known.body["result"]["capabilities"].contains("tools"));
    const auto unknown = post(message("initialize", initialize("1999-01-01")), {});
    BOOST_TEST(unknown.body["result"]["protocolVersion"] == "2025-11-25");
    for (const auto* params :
         {R"({})", R"({"protocolVersion":7})", R"({"protocolVersion":"2025-11-25"})",
          R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a"}})"}) {
        const auto answer = post(message("initialize", params), {});
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.code() == -32602);
    }
    BOOST_TEST(post(message("initialize", initialize("2025-11-25")),
                    {{"MCP-Protocol-Version", "1999-01-01"}})
                   .status == 200);
    const auto mixed = post(message("initialize", initialize("2025-11-25")),
                            {{"MCP-Protocol-Version", "2026-07-28"}});
    BOOST_TEST(mixed.status == 400);
    BOOST_TEST(mixed.code() == -32020);
}

BOOST_AUTO_TEST_CASE(legacy_messages_are_answered) {
    const Headers version{{"MCP-Protocol-Version", "2025-11-25"}};
    BOOST_TEST(post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", version).status ==
               202);
    BOOST_TEST(post(R"({"jsonrpc":"2.0","id":1,"result":{}})", version).status == 202);
    BOOST_TEST(post(message("ping", "{}", "18446744073709551615"), version).body.dump() ==
               R"({"jsonrpc":"2.0","id":18446744073709551615,"result":{}})");
    BOOST_TEST(post(message("tools/list", "{}"), version).body["result"]["tools"].size() == 2u);
    const auto unknown = post(message("nope", "{}"), version);
    BOOST_TEST(unknown.status == 200);
    BOOST_TEST(unknown.code() == -32601);
    const auto version_fault =
        post(message("ping", "{}"), {{"MCP-Protocol-Version", "2020-01-01"}});
    BOOST_TEST(version_fault.status == 400);
    BOOST_TEST(version_fault.code() == -32000);
    BOOST_TEST(post(message("tools/list", R"({"cursor":"x"})"), version).code() == -32602);
    BOOST_TEST(post(message("logging/setLevel", R"({"level":"info"})"), version).code() == -32601);
}

BOOST_AUTO_TEST_CASE(ids_come_back_byte_for_byte) {
    for (const auto* id : {"0", "-5", "1.0", "1e3", "18446744073709551616", "1E400", R"("")",
                           R"("\u00e9\/")", "123456789012345678901234567890"}) {
        const auto answer = answer_text(message("ping", "{}", id), {});
        BOOST_TEST(answer == R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":{}})");
        const auto unknown =
            answer_text(message("nope", "{" + kMeta + "}", id),
                        {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "nope"}});
        BOOST_TEST(unknown.find(R"("id":)" + std::string(id) + ",") != std::string::npos);
    }
    const auto fraction = answer_text(message("ping", "{}", "1.5"), {});
    BOOST_TEST(fraction.find(R"("id":1.5,"error":{"code":-32600)") != std::string::npos);
    const auto unversioned = answer_text(R"({"id":7.0,"method":"ping"})", {});
    BOOST_TEST(unversioned.find(R"("id":7.0,"error":{"code":-32600)") != std::string::npos);
    for (const auto* id : {"null", "true", "{}", "[]"}) {
        const auto refused = answer_text(message("ping", "{}", id), {});
        BOOST_TEST(refused.find(R"("id":null,"error":{"code":-32600)") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(what_the_schema_forbids_is_no_request) {
    for (const auto* params : {"null", "[]", "\"x\"", R"({"_meta":null})", R"({"_meta":[]})"}) {
        const auto answer = post(message("ping", params), {});
        BOOST_TEST(answer.status == 400, params);
        BOOST_TEST(answer.code() == -32600, params);
        BOOST_TEST(answer.body["id"] == 1, params);
    }
}

BOOST_AUTO_TEST_CASE(tools_tell_wrong_input_in_their_result) {
    for (const auto* call : {R"({"name":"echo"})", R"({"name":"echo","arguments":{"text":7}})",
                             R"({"name":"echo","arguments":{"text":"a","more":1}})",
                             R"({"name":"whoami","arguments":{"text":"a"}})"}) {
        const auto answer = post(message("tools/call", call), {});
        BOOST_TEST(answer.body["result"]["isError"] == true, call);
        BOOST_TEST(answer.body["result"]["content"][0]["type"] == "text", call);
    }
    for (const auto* call : {R"({})", R"({"name":"nope"})", R"({"name":"echo","arguments":[]})",
                             R"({"name":"echo","arguments":null})"}) {
        BOOST_TEST(post(message("tools/call", call), {}).code() == -32602, call);
    }
}

BOOST_AUTO_TEST_CASE(legacy_batches_are_answered_as_batches) {
    const auto both =
        post("[" + message("ping", "{}") + R"(,{"jsonrpc":"2.0","method":"x"},)" +
                 message("tools/call", R"({"name":"echo","arguments":{"text":"hi"}})", "2") + "]",
             {});
    BOOST_TEST(both.status == 200);
    BOOST_TEST(both.body.size() == 2u);
    BOOST_TEST(both.body[1]["result"]["content"][0]["text"] == "hi");
    BOOST_TEST(post(R"([{"jsonrpc":"2.0","method":"x"}])", {}).status == 202);
    BOOST_TEST(post("[" + message("initialize", initialize("2025-03-26")) + "]", {}).status == 400);
    for (const auto* version : {"2025-06-18", "2025-11-25", "2026-07-28"}) {
        BOOST_TEST(
            post("[" + message("ping", "{}") + "]", {{"MCP-Protocol-Version", version}}).status ==
            400);
    }
    BOOST_TEST(post("[]", {}).code() == -32600);
    BOOST_TEST(post("[" + message("ping", "{}") + ",7]", {}).code() == -32600);
    BOOST_TEST(post("[" + modern("tools/list") + "]", {}).code() == -32600);
    BOOST_TEST(answer_text("[" + message("ping", "{}", "1.0") + "]", {}) ==
               R"([{"jsonrpc":"2.0","id":1.0,"result":{}}])");
}

BOOST_AUTO_TEST_CASE(http_is_checked_first) {
    BOOST_TEST(post("", {}, "GET").status == 405);
    BOOST_TEST(post("", {}, "DELETE").status == 405);
    BOOST_TEST(post(message("ping", "{}"), {{"Content-Type", "text/plain"}}).status == 415);
    BOOST_TEST(post(message("ping", "{}"), {{"Accept", "application/json"}}).status == 406);
    BOOST_TEST(post(message("ping", "{}"), {{"Accept", ""}}).status == 406);
    BOOST_TEST(post(message("ping", "{}"), {{"Accept", "*/*;q=0.1"}}).status == 200);
    BOOST_TEST(post(message("ping", "{}"), {{"Content-Encoding", "gzip"}}).status == 415);
    BOOST_TEST(post("{", {}).code() == -32700);
    BOOST_TEST(post("[", {}).code() == -32700);
    BOOST_TEST(post("", {}).code() == -32700);
    BOOST_TEST(post(R"({"jsonrpc":"2.0"})", {}).code() == -32600);
    BOOST_TEST(post(R"({"a":1})", {}).status == 400);
}

BOOST_AUTO_TEST_CASE(modern_requests_are_answered_to_the_letter) {
    const auto discover = post(modern("server/discover"), {{"MCP-Protocol-Version", "2026-07-28"},
                                                           {"Mcp-Method", "server/discover"}});
    BOOST_TEST(discover.status == 200);
    const Json& result = discover.body["result"];
    BOOST_TEST(result["supportedVersions"].dump() == R"(["2026-07-28"])");
    BOOST_TEST(result["resultType"] == "complete");
    BOOST_TEST(result["cacheScope"] == "private");
    BOOST_TEST(result["ttlMs"].is_number_unsigned());
    BOOST_TEST(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "postern");

    const auto call = post(modern("tools/call", R"("name":"echo","arguments":{"text":"hi"})"),
                           {{"MCP-Protocol-Version", "2026-07-28"},
                            {"Mcp-Method", "tools/call"},
                            {"Mcp-Name", "=?base64?ZWNobw==?="}});
    BOOST_TEST(call.status == 200);
    BOOST_TEST(call.body["result"]["content"][0]["text"] == "hi");
    BOOST_TEST(call.body["result"]["resultType"] == "complete");
    BOOST_TEST(!call.body["result"].contains("ttlMs"));
}

BOOST_AUTO_TEST_CASE(modern_faults_have_codes_of_their_own) {
    const auto fault = [](const std::string& body, Headers headers) {
        const auto answer = post(body, headers);
        return std::to_string(answer.status) + " " + std::to_string(answer.code()) + " " +
               answer.body["id"].dump();
    };
    const Headers list{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/list"}};
    BOOST_TEST(fault(message("tools/list", "{}"), list) == "400 -32602 1");
    BOOST_TEST(fault(message("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":)"
                                           R"("2026-07-28"}})"),
                     list) == "400 -32602 1");
    BOOST_TEST(
        fault(message("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":7}})"),
              list) == "400 -32602 1");
    BOOST_TEST(fault(modern("tools/list"), {}) == "400 -32020 1");
    BOOST_TEST(fault(modern("tools/list"), {{"MCP-Protocol-Version", "2026-07-28"}}) ==
               "400 -32020 1");
    BOOST_TEST(fault(modern("tools/list"), {{"MCP-Protocol-Version", "2025-11-25"},
                                            {"Mcp-Method", "tools/list"}}) == "400 -32020 1");
    BOOST_TEST(fault(modern("tools/list"), {{"MCP-Protocol-Version", "2026-07-28"},
                                            {"Mcp-Method", "tools/call"}}) == "400 -32020 1");
    const Headers call{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}};
    BOOST_TEST(fault(modern("tools/call", R"("name":"echo")"), call) == "400 -32020 1");
    BOOST_TEST(fault(modern("ping"), {{"MCP-Protocol-Version", "2026-07-28"},
                                      {"Mcp-Method", "ping"}}) == "404 -32601 1");
    BOOST_TEST(
        fault(modern("tools/call", R"("name":"nope")"), {{"MCP-Protocol-Version", "2026-07-28"},
                                                         {"Mcp-Method", "tools/call"},
                                                         {"Mcp-Name", "nope"}}) == "200 -32602 1");
}

BOOST_AUTO_TEST_CASE(unsupported_versions_name_the_supported_one) {
    const auto answer = post(
        message("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01",)"
                              R"("io.modelcontextprotocol/clientCapabilities":{}}})"),
        {{"MCP-Protocol-Version", "2027-01-01"}, {"Mcp-Method", "tools/list"}});
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(answer.code() == -32022);
    BOOST_TEST(answer.body["error"]["data"].dump() ==
               R"({"supported":["2026-07-28"],"requested":"2027-01-01"})");
}

BOOST_AUTO_TEST_CASE(whoami_tells_what_the_gate_knows) {
    const auto answer = post(message("tools/call", R"({"name":"whoami"})"), {});
    const Json& result = answer.body["result"];
    BOOST_TEST(result["structuredContent"]["tls"]["resumed"] == true);
    BOOST_TEST(result["structuredContent"]["identity"]["name"] == "dns:alice");
    BOOST_TEST(result["structuredContent"]["plugins"][0]["action"] == "allow");
    const auto text = result["content"][0]["text"].get<std::string>();
    BOOST_TEST(text.find("identity: dns:alice\n") == 0u);
    BOOST_TEST(text.find("plugin pinning: allow at peer_certificate (observed only)") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
