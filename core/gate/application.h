#pragma once

#include <string>

#include <Poco/Util/ServerApplication.h>

#include "core/config/configuration.h"
#include "core/gate/signals.h"

namespace postern::gate {

// posternd: the command line, then one of --version, --check, --print-config, or the gate until a
// signal ends it. Poco supplies options and the application's life; signals are ours, since Poco's
// SIGHUP would end the process.
class Application final : public Poco::Util::ServerApplication {
public:
    explicit Application(Signals& signals);
    ~Application() override;

    // Never throws. Exit code: 0 done, 1 a clear no, 2 usage or configuration, 3 a fault.
    [[nodiscard]] int start(int argc, char** argv);

protected:
    void initialize(Poco::Util::Application& self) override;
    void defineOptions(Poco::Util::OptionSet& options) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    void handle_option(const std::string& name, const std::string& value);
    [[nodiscard]] int serve(config::Configuration configuration);
    [[nodiscard]] int print_version() const;
    [[nodiscard]] int print_help() const;

    Signals& signals_;
    std::string file_ = "/etc/postern/posternd.toml";
    bool help_ = false;
    bool version_ = false;
    bool check_ = false;
    bool print_ = false;
};

}  // namespace postern::gate
