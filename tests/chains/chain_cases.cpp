// Feeds cases in x509-limbo's schema through the code behind `postern explain`, prints what came of
// each, and with --frozen holds the outcomes to a list. See README.md.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/cli/explanation.h"
#include "core/cli/printable.h"
#include "core/config/load.h"
#include "core/tls/chain.h"

using namespace postern;
using nlohmann::json;

namespace {

struct CaseOutcome {
    bool accepted = false;
    std::string reason;
    std::string detail;
};

// The folder of CRLs of one case; gone with it.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "chains.XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::int64_t time_of(const json& text) {
    if (text.is_null()) return system_clock().wall_seconds();
    std::tm fields{};
    std::istringstream in(text.get<std::string>().substr(0, 19));  // all are in UTC
    in >> std::get_time(&fields, "%Y-%m-%dT%H:%M:%S");
    return ::timegm(&fields);
}

Result<tls::ChainRef> chain_of(const std::vector<std::string>& pems) {
    std::vector<tls::Certificate> all;
    for (const std::string& pem : pems) {
        const auto one = tls::import_certificates(as_bytes(pem), "certificate");
        if (!one) return one.error();
        all.insert(all.end(), (*one)->certificates().begin(), (*one)->certificates().end());
    }
    return tls::Chain::from_certificates(std::move(all));
}

class Cases {
public:
    explicit Cases(std::string plugins)
        : plugins_(plugins), gate_(std::move(plugins), folder_.path().string()) {}

    CaseOutcome judge(const json& test) {
        const auto anchors = chain_of(test.at("trusted_certs").get<std::vector<std::string>>());
        if (!anchors) return malformed(anchors.error());
        const auto trust = tls::TrustAnchors::of(**anchors);
        if (!trust) return malformed(trust.error());
        std::vector<std::string> pems{test.at("peer_certificate").get<std::string>()};
        for (const json& pem : test.at("untrusted_intermediates"))
            pems.push_back(pem.get<std::string>());
        const auto presented = chain_of(pems);
        if (!presented) return malformed(presented.error());

        gate_.clock().set_wall_seconds(time_of(test.at("validation_time")));
        auto pipeline = open(test);
        if (!pipeline) return {false, "crl_refused", pipeline.error().message};
        cli::OfflineGate::Pipeline::Question question;
        question.presented = *presented;
        question.anchors = *trust;
        if (!is_client(test) && test.at("expected_peer_name").is_object())
            question.hostname = test.at("expected_peer_name").at("value").get<std::string>();
        const cli::Explanation said = pipeline->explain(question);
        return {said.allowed, said.allowed ? "" : std::string(reason_row(said.reason).name),
                (said.allowed ? "" : said.decided_by + ": ") + said.detail};
    }

private:
    static bool is_client(const json& test) { return test.at("validation_kind") == "CLIENT"; }
    static CaseOutcome malformed(const Error& error) {
        return {false, "certificate_malformed", error.message};
    }

    // A validator as it comes. Cases of the PKITS know neither TLS purposes nor names of servers.
    std::string pipeline_text(const json& test) const {
        std::string text =
            "[[listener.pipeline]]\nplugin = \"validator\"\n[listener.pipeline.config]\n";
        if (test.at("id").get<std::string>().starts_with("pkits::"))
            text += "require_purpose = false\n";
        if (test.at("max_chain_depth").is_number()) {
            // Ours goes up to 16, the number of certificates that are looked at.
            const int depth = std::min(test.at("max_chain_depth").get<int>(), 16);
            text += "max_chain_depth = " + std::to_string(depth) + "\n";
        }
        if (test.at("crls").empty()) return text;
        return text +
               "[[listener.pipeline]]\nplugin = \"revocation\"\nfailure_mode = \"deny\"\n"
               "[listener.pipeline.config]\ncheck_mode = \"crl\"\ncrl_directory = \"" +
               (folder_.path() / "crls").string() + "\"\n";
    }

    Result<cli::OfflineGate::Pipeline> open(const json& test) {
        const auto crls = folder_.path() / "crls";
        std::filesystem::remove_all(crls);
        std::filesystem::create_directory(crls);
        int number = 0;
        for (const json& crl : test.at("crls"))
            std::ofstream(crls / (std::to_string(number++) + ".crl")) << crl.get<std::string>();
        const std::string text =
            "plugins = { directory = \"" + plugins_ +
            "\" }\n"
            "[[listener]]\nname = \"chains\"\n"
            "[listener.tls]\ncertificate = \"server.crt\"\nprivate_key = \"server.key\"\n"
            "client_certificate = \"require\"\nclient_ca = [\"ca.crt\"]\n" +
            pipeline_text(test) +
            "[[listener.route]]\nname = \"builtin\"\n[listener.route.upstream]\nkind = "
            "\"builtin\"\n";
        auto loaded = config::load_text(text, (folder_.path() / "gate.toml").string());
        if (!loaded.configuration) return configuration_error(loaded.errors.front());
        return gate_.open(loaded.configuration->listeners.front().pipeline, "chains",
                          is_client(test) ? plugin::Role::server : plugin::Role::client);
    }

    std::string plugins_;
    Folder folder_;
    cli::OfflineGate gate_;
};

// id → "accepted" or a reason's name, and why that is not what the case expects.
struct Exception {
    std::string got;
    std::string why;
    bool met = false;
};

std::map<std::string, Exception> read_exceptions(const std::string& path) {
    std::map<std::string, Exception> out;
    std::ifstream in(path);
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words(line);
        std::string id;
        Exception exception;
        words >> id >> exception.got;
        std::getline(words >> std::ws, exception.why);
        if (exception.why.empty())
            throw std::runtime_error(path + ": \"" + id + "\" has no reason");
        out[id] = exception;
    }
    return out;
}

enum class Complete : bool { no, yes };  // every listed exception must be met

class Report {
public:
    explicit Report(std::map<std::string, Exception> exceptions)
        : exceptions_(std::move(exceptions)) {}

    void add(const std::string& id, bool expected, const CaseOutcome& outcome) {
        const std::string note = judge(id, expected, outcome);
        std::cout << id << '\t' << (expected ? "accept" : "refuse") << '\t'
                  << (outcome.accepted ? "accept" : "refuse") << '\t' << outcome.reason << '\t'
                  << cli::printable(outcome.detail) << (note.empty() ? "" : "\t") << note << '\n';
    }

    int finish(Complete complete) {
        for (const auto& [id, exception] : exceptions_) {
            if (complete == Complete::no || exception.met) continue;
            std::cout << id << "\tCHANGED: the list has it, no file does\n";
            ++wrong_;
        }
        std::cout << as_expected_ + excepted_ + wrong_ << " cases: " << as_expected_
                  << " as expected, " << excepted_ << " listed exceptions, " << wrong_
                  << " neither\n";
        return wrong_ == 0 ? 0 : 1;
    }

private:
    std::string judge(const std::string& id, bool expected, const CaseOutcome& outcome) {
        const bool as_expected = expected == outcome.accepted;
        const auto found = exceptions_.find(id);
        if (found == exceptions_.end()) {
            ++(as_expected ? as_expected_ : wrong_);
            if (as_expected) return "";
            return expected ? "WRONG: refused" : "WRONG: accepted";
        }
        Exception& exception = found->second;
        exception.met = true;
        const std::string got = outcome.accepted ? "accepted" : outcome.reason;
        if (!as_expected && got == exception.got) {
            ++excepted_;
            return "exception: " + exception.why;
        }
        ++wrong_;
        return as_expected ? "CHANGED: the exception is needed no more"
                           : "CHANGED: the list has " + exception.got;
    }

    std::map<std::string, Exception> exceptions_;
    int as_expected_ = 0;
    int excepted_ = 0;
    int wrong_ = 0;
};

int run(const std::string& plugins, const std::string& exceptions,
        const std::vector<std::string>& files, Complete complete) {
    Report report(read_exceptions(exceptions));
    Cases cases(plugins);
    for (const std::string& file : files) {
        std::ifstream in(file);
        const json all = json::parse(in);
        for (const json& test : all.at("testcases"))
            report.add(test.at("id").get<std::string>(), test.at("expected_result") == "SUCCESS",
                       cases.judge(test));
    }
    return report.finish(complete);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const bool complete = !arguments.empty() && arguments.front() == "--complete";
    if (complete) arguments.erase(arguments.begin());
    if (arguments.size() < 3) {
        std::cerr << "usage: chain_cases [--complete] PLUGIN-DIRECTORY EXCEPTIONS FILE.json...\n";
        return 2;
    }
    try {
        return run(arguments[0], arguments[1], {arguments.begin() + 2, arguments.end()},
                   complete ? Complete::yes : Complete::no);
    } catch (const std::exception& exception) {
        std::cerr << "chain_cases: " << exception.what() << '\n';
        return 3;
    }
}
