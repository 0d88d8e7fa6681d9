#include "core/upstream/child/gate_files.h"

#include <algorithm>
#include <cstdlib>

#include <sys/stat.h>

#include "core/config/path.h"

namespace postern::upstream {
namespace {

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

class Collector {
public:
    explicit Collector(GateFiles& out) : out_(out) {}

    void hide(const std::string& path) { add(out_.hidden, path); }
    void hide_with_folder(const std::string& path) {
        if (path.empty()) return;
        add(out_.hidden, path);
        add(out_.hidden_folders, folder_of(path));
    }
    void keep(const std::string& path) { add(out_.read_only, path); }

    void key_pair(const std::string& certificate, const std::string& private_key,
                  const std::string& password_file) {
        hide_with_folder(private_key);
        hide_with_folder(password_file);
        if (private_key.empty()) {
            hide_with_folder(certificate);  // PKCS #12: the key is in it
        } else {
            keep(certificate);
        }
    }

    void pipeline(const std::vector<config::PipelineEntry>& entries) {
        for (const config::PipelineEntry& entry : entries) {
            keep(entry.file);
            written_in(entry.position);
            if (entry.config) named_in(*entry.config);
        }
    }

    void written_in(const config::Position& position) { hide_with_folder(position.file); }

private:
    static void add(std::vector<std::string>& list, const std::string& path) {
        if (path.empty() || path.front() != '/') return;
        if (std::find(list.begin(), list.end(), path) == list.end()) list.push_back(path);
    }

    // Which of a plugin's keys are files only the plugin knows: rules, pins, lists. What is an
    // existing file is not to be changed by a child. value(), since entry() would count as asking.
    void named_in(const config::Node& node) {
        if (const auto* table = std::get_if<config::Node::Table>(&node.value())) {
            for (const auto& [key, value] : *table) named_in(*value);
        } else if (const auto* array = std::get_if<config::Node::Array>(&node.value())) {
            for (const auto& value : *array) named_in(*value);
        } else if (const auto text = node.as_string(); text && !text->empty()) {
            const auto path = config::absolute_path(*text, config::directory_of(node));
            struct stat status {};
            if (path && ::stat(path->c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
                keep(*path);
            }
        }
    }

    GateFiles& out_;
};

void collect(const config::Route& route, Collector& to) {
    to.written_in(route.position);
    to.hide(route.authorization.file);
    if (const auto* stdio = std::get_if<config::Stdio>(&route.upstream)) {
        to.hide(stdio->environment_file);
    }
    if (const auto* http = std::get_if<config::Http>(&route.upstream); http && http->tls) {
        to.key_pair(http->tls->certificate, http->tls->private_key, http->tls->password_file);
        for (const std::string& file : http->tls->trusted_ca) to.keep(file);
        to.pipeline(http->tls->pipeline);
        to.written_in(http->tls->position);
    }
}

void collect(const config::Listener& listener, Collector& to) {
    to.written_in(listener.position);
    to.keep(listener.unix_path);
    for (const config::Certificate& each : listener.tls.certificates) {
        to.key_pair(each.certificate, each.private_key, each.password_file);
        to.written_in(each.position);
    }
    for (const std::string& file : listener.tls.client_ca) to.keep(file);
    to.pipeline(listener.pipeline);
    for (const config::Route& route : listener.routes) collect(route, to);
}

}  // namespace

GateFiles gate_files(const config::Configuration& configuration) {
    GateFiles files;
    Collector to(files);
    to.hide_with_folder(configuration.file);
    to.hide(configuration.state_directory);
    to.hide(configuration.runtime_directory);
    to.keep(configuration.plugin_directory);
    // systemd's LoadCredential= puts secrets there.
    if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) to.hide(credentials);
    for (const config::Listener& listener : configuration.listeners) collect(listener, to);
    return files;
}

}  // namespace postern::upstream
