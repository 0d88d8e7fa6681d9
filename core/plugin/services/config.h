#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.h"
#include "postern/service/config.h"

namespace postern::plugin {

// What an instance's configure() reads and gets wrong. The service's functions are given a node and
// no host, so the one being read is known by thread: begin() and end() enclose configure().
class ConfigReading {
public:
    explicit ConfigReading(std::string state_directory)
        : state_directory_(std::move(state_directory)) {}

    // May be nested: end() gives the thread back to the one before.
    void begin();
    void end();
    [[nodiscard]] static ConfigReading* current();

    void fail(const config::Node& node, std::string_view message);
    void report(std::string error);  // a whole line
    [[nodiscard]] std::vector<std::string>& errors() { return errors_; }
    // Text that lives as long as the instance.
    [[nodiscard]] std::string_view keep(std::string text);
    [[nodiscard]] const std::string& state_directory() const { return state_directory_; }

private:
    std::string state_directory_;
    ConfigReading* outer_ = nullptr;
    std::vector<std::string> errors_;
    std::deque<std::string> kept_;
};

[[nodiscard]] inline const postern_node* handle_of(const config::Node* node) {
    return reinterpret_cast<const postern_node*>(node);
}

[[nodiscard]] const postern_config* config_service();

}  // namespace postern::plugin
