#include <algorithm>

#include "core/base/in_quotes.h"
#include "core/config/path.h"
#include "core/config/readers.h"

namespace postern::config {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::string_view kModule = ".so";

// The short name goes into logs and metrics.
bool is_name(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fits);
}

void read_plugin(TableReader& table, PipelineEntry& out) {
    table.string("plugin", out.plugin);
    if (table.missing("plugin")) {
        table.fail("plugin", "is missing; name a plugin, such as \"validator\", or a path");
    }
    if (out.plugin.empty()) return;
    if (out.plugin.find('/') == std::string::npos) {
        out.short_name = out.plugin;
        out.file = table.reading().plugin_directory + "/" + out.plugin + std::string(kModule);
    } else {
        table.path("plugin", out.file);
        if (out.file.empty()) return;
        out.short_name = out.file.substr(out.file.rfind('/') + 1);
        if (!out.short_name.ends_with(kModule)) {
            table.fail("plugin", "is a path that does not end in \".so\"; name the module's file");
            return;
        }
        out.short_name.resize(out.short_name.size() - kModule.size());
    }
    if (!is_name(out.short_name)) {
        table.fail("plugin", in_quotes(out.short_name) +
                                 " is not a plugin's name; use a-z, 0-9, \"_\" and \"-\", "
                                 "without \".so\", or a path with a slash");
    }
}

}  // namespace

void read_pipeline_entry(TableReader table, PipelineEntry& out) {
    out.position = table.node().position();
    read_plugin(table, out);
    table.word("mode", kModes, out.mode);
    table.word("on_error", kAnswers, out.on_error);
    table.word("on_timeout", kAnswers, out.on_timeout);
    table.duration("timeout", out.timeout_ns, kMillisecond, std::uint64_t{600} * kSecond);
    if (table.has("failure_mode")) {
        Answer answer = Answer::deny;
        table.word("failure_mode", kAnswers, answer);
        out.failure_mode = answer;
    }
    out.config = table.shared_table("config");
    if (out.config == nullptr) {
        out.config = empty_table(table.node().path() + ".config", out.position);
    }
    table.reading().unread.insert(out.config.get());
}

}  // namespace postern::config
