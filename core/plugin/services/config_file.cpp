#include "core/plugin/services/config_file.h"

#include <string>
#include <vector>

#include "core/config/include.h"
#include "core/plugin/host_handle.h"
#include "core/plugin/sdk_values.h"

namespace postern::plugin {
namespace {

using See = postern_rc (*)(void* user, const postern_node* root);

// Encloses a call into the plugin that may throw what it must not.
class Reading {
public:
    explicit Reading(const std::string& state_directory) : reading_(state_directory) {
        reading_.begin();
    }
    ~Reading() { reading_.end(); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

    [[nodiscard]] std::vector<std::string>& errors() { return reading_.errors(); }

private:
    ConfigReading reading_;
};

std::vector<std::string> errors_in(const HostHandle& handle, const std::string& path, See see,
                                   void* user) {
    const auto root = config::load_file(path);
    if (!root) return {root.error().message};
    Reading reading(handle.reading.state_directory());
    const postern_rc rc = see(user, handle_of(root->get()));
    std::vector<std::string> errors = reading.errors();
    if (rc != POSTERN_OK && errors.empty()) {
        errors.push_back(path + ": cannot be used: code " + std::to_string(rc));
    }
    // A key nobody asked for may be why something else is missing, so both are said.
    for (std::string& unknown : config::unknown_keys(**root)) errors.push_back(std::move(unknown));
    return errors;
}

}  // namespace

postern_rc read_config_file(const postern_host* host, postern_str path, See see,
                            void (*report)(void* user, postern_str error), void* user) {
    ConfigReading* const configuring = ConfigReading::current();
    if (see == nullptr || path.size == 0 || path.data[0] != '/') return POSTERN_E_INVALID;
    if (report == nullptr && configuring == nullptr) return POSTERN_E_INVALID;
    const std::vector<std::string> errors =
        errors_in(HostHandle::of(host), std::string(view_of(path)), see, user);
    for (const std::string& error : errors) {
        if (report != nullptr) {
            report(user, str_of(error));
        } else {
            configuring->report(error);
        }
    }
    return errors.empty() ? POSTERN_OK : POSTERN_E_CONFIG;
}

}  // namespace postern::plugin
