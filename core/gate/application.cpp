#include "core/gate/application.h"

#include <algorithm>
#include <chrono>
#include <iostream>

#include <Poco/Exception.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionCallback.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionSet.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "core/base/audit.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/config/load.h"
#include "core/config/print.h"
#include "core/gate/gate.h"
#include "core/tls/server_context.h"
#include "postern/version.h"

namespace postern::gate {
namespace {

constexpr int kDone = 0;

#define POSTERN_STRING_OF(value) #value
#define POSTERN_STRING(value) POSTERN_STRING_OF(value)
constexpr std::string_view kVersion = POSTERN_STRING(POSTERN_VERSION_MAJOR) "." POSTERN_STRING(
    POSTERN_VERSION_MINOR) "." POSTERN_STRING(POSTERN_VERSION_PATCH);
constexpr std::string_view kAbi =
    POSTERN_STRING(POSTERN_ABI_MAJOR) "." POSTERN_STRING(POSTERN_ABI_MINOR);

int complain(const Error& error) {
    std::cerr << "posternd: " << error.message << '\n';
    return static_cast<int>(error.fault);
}

std::optional<config::Configuration> load(const std::string& file) {
    auto loaded = config::load(file);
    for (const std::string& error : loaded.errors) std::cerr << "posternd: " << error << '\n';
    return std::move(loaded.configuration);
}

std::string policy_text(const config::Listener& listener) {
    auto text = tls::describe_policy(listener.tls.policy);
    return text ? *text : text.error().message;
}

void apply_logging(const config::Logging& logging) {
    log::set_level(logging.level);
    log::set_format(logging.format);
    log::set_detailed_tls(logging.detailed_tls);
}

// The file is opened before anything is taken over, so that one that cannot be is a refusal.
Result<UniqueFd> open_audit(const config::Logging& logging) {
    return logging.audit_file.empty() ? Result<UniqueFd>(UniqueFd())
                                      : audit::open(logging.audit_file);
}

Result<void> reload_with(Gate& gate, config::Configuration configuration) {
    const config::Logging logging = configuration.logging;
    auto audit_file = open_audit(logging);
    if (!audit_file) return audit_file.error();
    if (auto done = gate.reload(std::move(configuration)); !done) return done;
    apply_logging(logging);
    return audit::use(std::move(*audit_file));
}

void reload(Gate& gate, const std::string& file) {
    ::sd_notify(0, "RELOADING=1");
    auto loaded = config::load(file);
    std::string problem;
    if (loaded.configuration) {
        auto done = reload_with(gate, std::move(*loaded.configuration));
        if (!done) problem = done.error().message;
    } else {
        for (const std::string& error : loaded.errors) {
            problem += (problem.empty() ? "" : "; ") + error;
        }
    }
    if (problem.empty()) {
        log::write(LogLevel::notice, "gate", "configuration reloaded", {{"file", file}});
        ::sd_notify(0, "READY=1\nSTATUS=serving");
    } else {
        log::write(LogLevel::error, "gate", "configuration refused; the old one stays",
                   {{"detail", problem}});
        ::sd_notify(0, "READY=1\nSTATUS=serving; the last reload was refused");
    }
}

// New connections end, those that stand finish their request. A second signal ends the wait.
void drain(Gate& gate, Signals& signals) {
    ::sd_notify(0, "STOPPING=1");
    log::write(LogLevel::notice, "gate", "draining");
    gate.begin_drain();
    const std::uint64_t until = system_clock().monotonic_ns() + gate.drain_timeout_ns();
    std::string_view why = "drain_timeout is over";
    while (gate.open_connections() > 0 && system_clock().monotonic_ns() < until) {
        if (signals.wait(std::chrono::milliseconds(20)) == Signals::Event::terminate) {
            why = "a second signal";
            break;
        }
    }
    if (const auto left = gate.open_connections(); left > 0) {
        log::write(LogLevel::warning, "gate", "connections are cut",
                   {{"detail", why}, {"connections", std::to_string(left)}});
    }
}

void stop(Gate& gate) {
    gate.stop();
    std::string names;
    for (const std::string& name : gate.owing_plugins())
        names += (names.empty() ? "" : ", ") + name;
    if (names.empty()) return;
    log::write(LogLevel::warning, "gate", "the process ends although plugins have not",
               {{"plugins", names}});
}

// After stop(). A plugin that has not ended may call the host at any time, and would meet what
// destructors have taken: with such a one the process ends here.
int leave(const Gate& gate, int code) {
    if (gate.owing_plugins().empty()) return code;
    audit::flush();
    log::flush();
    ::_exit(code);
}

}  // namespace

Application::Application(Signals& signals) : signals_(signals) {
    setUnixOptions(true);
}

Application::~Application() = default;

int Application::start(int argc, char** argv) {
    try {
        init(argc, argv);
    } catch (const Poco::Exception& exception) {
        return complain(configuration_error(exception.displayText() + "; see posternd --help"));
    } catch (const std::exception& exception) {
        return complain(internal_error(exception.what()));
    }
    // Poco turns an exception into its own 70.
    const int code = run();
    return code == EXIT_SOFTWARE ? static_cast<int>(Fault::internal) : code;
}

void Application::initialize(Poco::Util::Application& /*self*/) {
    // No subsystems, and no configuration file beside the program, which Poco would look for.
}

void Application::defineOptions(Poco::Util::OptionSet& options) {
    const auto add = [&](const char* name, const char* letter, const char* description,
                         const char* argument) {
        Poco::Util::Option option(name, letter, description, false);
        if (argument != nullptr) option.argument(argument);
        option.callback(Poco::Util::OptionCallback<Application>(this, &Application::handle_option));
        options.addOption(option);
    };
    add("help", "h", "show this and exit", nullptr);
    add("version", "V", "show versions of Postern, its plugin ABI and GnuTLS, and exit", nullptr);
    add("config", "c", "configuration file, by default /etc/postern/posternd.toml", "FILE");
    add("check", "t", "check the configuration and everything it names, and exit", nullptr);
    add("print-config", "p", "print the effective configuration and exit", nullptr);
}

void Application::handle_option(const std::string& name, const std::string& value) {
    if (name == "help") help_ = true;
    if (name == "version") version_ = true;
    if (name == "check") check_ = true;
    if (name == "print-config") print_ = true;
    if (name == "config") file_ = value;
    if (help_ || version_) stopOptionsProcessing();
}

int Application::main(const std::vector<std::string>& arguments) {
    if (help_) return print_help();
    if (version_) return print_version();
    if (!arguments.empty()) {
        return complain(configuration_error("unexpected argument \"" + arguments.front() +
                                            "\"; the configuration file is given with --config"));
    }
    auto configuration = load(file_);
    if (!configuration) return static_cast<int>(Fault::configuration);
    if (print_) {
        std::cout << config::print(*configuration, policy_text);
        return kDone;
    }
    if (auto ready = log::set_up(configuration->logging.level, configuration->logging.format);
        !ready) {
        return complain(ready.error());
    }
    apply_logging(configuration->logging);
    // What is said on the way to a good configuration is not what was asked.
    if (check_) log::set_level(std::min(configuration->logging.level, LogLevel::warning));
    const int code = serve(std::move(*configuration));
    audit::flush();
    log::flush();
    return code;
}

int Application::serve(config::Configuration configuration) {
    auto gate = Gate::create(configuration, [this] { signals_.wake(); });
    if (!gate) return complain(gate.error());
    if (check_) {
        if (auto checked = (*gate)->check(std::move(configuration)); !checked) {
            return complain(checked.error());
        }
        std::cout << file_ << ": the configuration is good\n";
        return kDone;
    }
    auto audit_file = open_audit(configuration.logging);
    if (!audit_file) return complain(audit_file.error());
    if (auto used = audit::use(std::move(*audit_file)); !used) return complain(used.error());
    if (tls::library_below_security_floor()) {
        log::write(LogLevel::warning, "gate", "this GnuTLS lacks known security fixes; update it",
                   {{"gnutls", tls::library_version()}});
    }
    if (auto started = (*gate)->start(std::move(configuration)); !started) {
        stop(**gate);
        log::flush();
        return leave(**gate, complain(started.error()));
    }
    ::sd_notify(0, "READY=1\nSTATUS=serving");
    log::write(LogLevel::notice, "gate", "ready",
               {{"version", kVersion}, {"gnutls", tls::library_version()}, {"file", file_}});
    for (;;) {
        switch (signals_.wait(std::chrono::minutes(1))) {
            case Signals::Event::none:
                break;
            case Signals::Event::work:
                (*gate)->handle_changes();
                break;
            case Signals::Event::reload:
                reload(**gate, file_);
                break;
            case Signals::Event::terminate:
                drain(**gate, signals_);
                stop(**gate);
                log::write(LogLevel::notice, "gate", "stopped");
                return leave(**gate, kDone);
        }
    }
}

int Application::print_version() const {
    std::cout << "posternd " << kVersion << "\nplugin ABI " << kAbi << "\nGnuTLS "
              << tls::library_version() << '\n';
    if (tls::library_below_security_floor()) {
        std::cerr << "posternd: warning: this GnuTLS lacks known security fixes; update it\n";
    }
    return kDone;
}

int Application::print_help() const {
    Poco::Util::HelpFormatter formatter(options());
    formatter.setCommand("posternd");
    formatter.setUnixStyle(true);
    formatter.setUsage("[--config FILE] [--check | --print-config | --version]");
    formatter.setHeader("A TLS gate for Model Context Protocol servers.");
    formatter.format(std::cout);
    return kDone;
}

}  // namespace postern::gate
