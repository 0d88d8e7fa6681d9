#include <fstream>
#include <regex>
#include <set>

#include <boost/test/unit_test.hpp>

#include "core/config/include.h"
#include "core/config/load.h"
#include "core/config/print.h"
#include "tests/unit/config/sample.h"

using namespace postern::config;

namespace {

std::string shipped() {
    std::ifstream file(POSTERN_SHIPPED_FILE);
    BOOST_REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

// Every key and table that the text has, commented out or not: "listener.tls.policy".
std::set<std::string> keys_written_in(const std::string& text) {
    static const std::regex header(R"((?:# )?\[\[?([a-z_.]+)\]\]?.*)");
    static const std::regex key(R"((?:# )?([a-z0-9_]+) = .*)");
    std::set<std::string> keys;
    std::string table;
    std::istringstream lines(text);
    std::smatch parts;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_match(line, parts, header)) {
            table = parts[1];
            keys.insert(table);
        } else if (std::regex_match(line, parts, key)) {
            keys.insert(table.empty() ? parts[1].str() : table + "." + parts[1].str());
        }
    }
    return keys;
}

// Every key that was asked for, with the arrays' indices left out.
void collect_asked(const Node& node, std::set<std::string>& keys) {
    static const std::regex index(R"(\[[0-9]+\])");
    const std::string path = std::regex_replace(node.path(), index, "");
    for (const std::string& key : node.asked()) keys.insert(path.empty() ? key : path + "." + key);
    if (const auto* table = std::get_if<Node::Table>(&node.value())) {
        for (const auto& [key, value] : *table) collect_asked(*value, keys);
    } else if (const auto* array = std::get_if<Node::Array>(&node.value())) {
        for (const Node::Shared& value : *array) collect_asked(*value, keys);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shipped_file)

BOOST_AUTO_TEST_CASE(it_loads) {
    const Loaded result = loaded(shipped());
    BOOST_REQUIRE_MESSAGE(result.configuration.has_value(),
                          (result.errors.empty() ? std::string() : result.errors[0]));
    BOOST_TEST(result.configuration->listeners.at(0).pipeline.size() == 2u);
}

BOOST_AUTO_TEST_CASE(its_values_are_the_defaults) {
    // What has no default: files, the pipeline, the route's name.
    const std::string small = smallest(
        "certificate = \"server.crt\"\nprivate_key = \"server.key\"\nclient_ca = [\"ca.crt\"]",
        "certificate = \"pki/server.crt\"\nprivate_key = \"pki/server.key\"\n"
        "client_ca = [\"pki/ca.crt\"]");
    Loaded from_shipped = loaded(shipped());
    const Loaded from_small = loaded(small);
    BOOST_REQUIRE(from_shipped.configuration.has_value());
    BOOST_REQUIRE(from_small.configuration.has_value());
    Configuration& from_file = *from_shipped.configuration;
    from_file.listeners[0].pipeline.clear();
    from_file.listeners[0].routes[0].name = "mcp";
    BOOST_TEST(print(from_file, {}) == print(*from_small.configuration, {}));
}

BOOST_AUTO_TEST_CASE(every_key_that_is_read_stands_in_it) {
    const std::string all =
        shipped() +
        "[[listener.tls.certificates]]\n"
        "[[listener.route]]\n[listener.route.upstream]\nkind = \"http\"\n"
        "urls = [\"https://x/\"]\n[listener.route.upstream.health]\n"
        "[[listener.route]]\n[listener.route.upstream]\nkind = \"stdio\"\n"
        "[listener.route.upstream.environment]\n[listener.route.upstream.limits]\n";
    const std::string text =
        std::regex_replace(all, std::regex("# (\\[\\[listener.tls.certificates\\]\\])"), "$1");
    const auto root = load_tree_from(text, kFile);
    BOOST_REQUIRE(root.ok());
    static_cast<void>(read(**root));
    std::set<std::string> asked;
    collect_asked(**root, asked);
    BOOST_TEST(asked.size() > 90u);
    const std::set<std::string> written = keys_written_in(shipped());
    for (const std::string& key : asked) BOOST_TEST(written.contains(key), key);
}

BOOST_AUTO_TEST_CASE(every_example_in_it_is_toml_and_known) {
    // With the examples put in place, only what cannot stand together or comes later is refused.
    const std::string pipelines = "\n[[listener.pipeline]]\nplugin = \"x\"\n";
    const std::string text = shipped();
    const std::size_t from = text.find("# [[listener.pipeline]]");
    const std::size_t to = text.find("[[listener.route]]");
    BOOST_REQUIRE(from < to);
    std::string examples =
        std::regex_replace(text.substr(from, to - from), std::regex("(^|\n)# "), "$1");
    BOOST_TEST(errors_of(text.substr(0, from) + examples + text.substr(to) + pipelines) == "");
}

BOOST_AUTO_TEST_CASE(its_other_upstreams_load_and_stand_at_their_defaults) {
    const std::string text = shipped();
    const std::size_t http = text.find("# An MCP server over HTTP:");
    const std::size_t stdio = text.find("# An MCP server that the gate starts");
    const std::size_t end = text.find("# Defaults of `postern connect`");
    const std::string before = text.substr(0, text.find("[listener.route.upstream]"));
    const auto with = [&](std::size_t from, std::size_t to) {
        const std::string example = text.substr(text.find('\n', from), to - text.find('\n', from));
        return before + std::regex_replace(example, std::regex("(^|\n)# "), "$1");
    };
    const std::string over_tls =
        std::regex_replace(with(http, stdio), std::regex("http://127"), "https://127");
    BOOST_TEST(errors_of(over_tls) == "");
    const Loaded child = loaded(with(stdio, end));
    BOOST_REQUIRE_MESSAGE(child.configuration.has_value(), errors_of(with(stdio, end)));
    auto found = std::get<Stdio>(child.configuration->listeners[0].routes[0].upstream);
    BOOST_TEST(found.environment.at(0).name == "MODE");
    BOOST_TEST(found.max_children == Stdio().max_children);
    BOOST_TEST(found.idle_timeout_ns == Stdio().idle_timeout_ns);
    BOOST_TEST(found.max_line == Stdio().max_line);
    BOOST_TEST(found.hide_gate_files == Stdio().hide_gate_files);
}

BOOST_AUTO_TEST_SUITE_END()
