#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pin_file.h"
#include "pin_set.h"
#include "postern/plugin.hpp"
#include "settings.h"

namespace postern::pinning {

// Ends the names of the store's files whose pins wait for approval; approving renames them to
// ".pin".
inline constexpr std::string_view kPendingEnding = ".pending";

// Where pins come from: the configured list, the configured files, and every file of the store's
// directory. Each file's last good content stays while it cannot be read or makes no sense; what is
// deleted goes at once. One thread at a time.
class PinSources {
public:
    struct Problem {
        const char* key;      // of the configuration
        std::string message;  // begins with the path
        bool kept;            // what was held from there still is
    };

    PinSources(sdk::X509 x509, sdk::Clock clock, Settings settings)
        : x509_(x509), clock_(clock), settings_(std::move(settings)) {}

    // Reads what is new or was touched since the last look; says what is wrong, each once.
    [[nodiscard]] std::vector<Problem> refresh();

    [[nodiscard]] PinSet pins() const;     // of all, sealed
    [[nodiscard]] PinSet pending() const;  // what waits for approval: held for nothing
    // "3 in pins, 1 in pinned_certificates, 2 in /var/lib/postern/pins"
    [[nodiscard]] std::string summary() const;

private:
    struct File {
        Stamp stamp;
        bool settled = false;  // the stamp is old enough to tell every later change
        PinSet pins;           // the last good
        std::string problem;   // told already
    };
    using Files = std::map<std::string, File>;

    void refresh_configured(std::vector<Problem>& problems);
    void refresh_directory(std::vector<Problem>& problems);
    void refresh_file(const char* key, const std::string& path, File& file,
                      std::vector<Problem>& problems);

    sdk::X509 x509_;
    sdk::Clock clock_;
    Settings settings_;
    Files configured_;
    Files stored_;
    std::string directory_problem_;  // told already
};

}  // namespace postern::pinning
