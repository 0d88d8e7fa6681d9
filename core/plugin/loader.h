#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "postern/module.h"

namespace postern::plugin {

// One shared object in the process, for good: never unloaded (thread-local destructors, threads and
// static state of the plugin make dlclose a lottery).
struct LoadedModule {
    std::string path;
    std::string sha256;                           // hex, of the file as opened
    postern_module module{};                      // our copy: the overlap of theirs and ours
    std::vector<postern_descriptor> descriptors;  // likewise
};

// Loads plugins: ownership and mode checks on the file and its parents, then
// dlopen(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) of the very descriptor that was checked. Each
// descriptor stays open for the process's life: glibc compares the name /proc/self/fd/N, and a
// reused number would give the first plugin again. Main thread.
class Loader {
public:
    explicit Loader(std::string directory);
    ~Loader();

    // A bare name is <directory>/<name>.so; one with a slash is a path. The same file (device and
    // inode) is loaded once. A file that has changed since gives the loaded one and a log line that
    // a restart is needed.
    [[nodiscard]] Result<const LoadedModule*> load(const std::string& name_or_path);

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace postern::plugin
