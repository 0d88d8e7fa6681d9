#include <iostream>

#include "core/gate/application.h"
#include "core/plugin/call_scope.h"

int main(int argc, char** argv) {
    // Before the first thread, so that every thread inherits the blocked signals.
    auto signals = postern::gate::Signals::block();
    if (!signals) {
        std::cerr << "posternd: " << signals.error().message << '\n';
        return static_cast<int>(signals.error().fault);
    }
    postern::plugin::install_crash_reporter();
    postern::gate::Application application(*signals);
    return application.start(argc, argv);
}
