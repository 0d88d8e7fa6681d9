#include "core/plugin/loader.h"

#include <string_view>
#include <utility>

#include <dlfcn.h>

#include "core/base/log.h"
#include "core/plugin/call_scope.h"
#include "core/plugin/elf_image.h"
#include "core/plugin/module_adoption.h"
#include "core/plugin/trusted_file.h"
#include "core/tls/digest.h"

namespace postern::plugin {
namespace {

struct Resident {
    TrustedFile file;  // its descriptor stays open, its content does not
    LoadedModule loaded;
};

// Every plugin in this process, whichever loader asked first: a shared object stays for good.
std::vector<std::unique_ptr<Resident>>& residents() {
    static auto* all = new std::vector<std::unique_ptr<Resident>>;  // never destroyed either
    return *all;
}

const Resident* same_file(const TrustedFile& file) {
    for (const auto& resident : residents()) {
        if (resident->file.device == file.device && resident->file.inode == file.inode) {
            return resident.get();
        }
    }
    return nullptr;
}

// Replaced by rename: another inode, but the same name.
const Resident* same_path(const TrustedFile& file) {
    for (const auto& resident : residents()) {
        if (resident->loaded.path == file.path) return resident.get();
    }
    return nullptr;
}

// "it has postern_module_v2" says more than "undefined symbol".
std::string missing_entry(const std::vector<std::string>& exported) {
    std::string others;
    for (const std::string& name : exported) {
        if (!name.starts_with("postern_module_v")) continue;
        others += others.empty() ? name : ", " + name;
    }
    std::string message = std::string("has no ") + kEntrySymbol;
    if (others.empty()) return message + "; it is not a plugin of Postern, or does not export it";
    return message + " (it has " + others + "); it is built for another Postern";
}

struct OpenedModule {
    ModuleEntry entry = nullptr;
};

Result<OpenedModule> open_module(const TrustedFile& file,
                                 const std::vector<std::string>& exported) {
    const std::string name = "/proc/self/fd/" + std::to_string(file.descriptor.get());
    void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
        const char* why = ::dlerror();
        return configuration_error(std::string("cannot be loaded: ") +
                                   (why != nullptr ? why : "no reason given"));
    }
    void* symbol = ::dlsym(handle, kEntrySymbol);
    if (symbol == nullptr) return configuration_error(missing_entry(exported));
    return OpenedModule{reinterpret_cast<ModuleEntry>(symbol)};
}

Result<const LoadedModule*> load_new(TrustedFile file, std::string digest) {
    const auto named = [path = file.path](const Error& error) {
        return Error{error.fault, path + ": " + error.message};
    };
    auto image = read_elf_image(file.content);
    if (!image) return named(image.error());
    // Its constructors and its entry are the plugin's code already.
    const std::string inside = file.path;
    const CallScope scope(inside.c_str());
    auto opened = open_module(file, image->exported);
    // From here on the descriptor's number is taken, whatever comes: glibc remembers the name.
    auto resident = std::make_unique<Resident>();
    resident->file = std::move(file);
    resident->file.content = {};
    if (!opened) {
        static_cast<void>(resident->file.descriptor.release());
        return named(opened.error());
    }
    auto adopted = adopt_module(opened->entry);
    if (!adopted) {
        static_cast<void>(resident->file.descriptor.release());
        return named(adopted.error());
    }
    resident->loaded = {resident->file.path, std::move(digest), adopted->module,
                        std::move(adopted->descriptors)};
    residents().push_back(std::move(resident));
    return &residents().back()->loaded;
}

}  // namespace

class Loader::State {
public:
    explicit State(std::string directory) : directory_(std::move(directory)) {}

    std::string path_of(const std::string& name) const {
        if (name.find('/') != std::string::npos) return name;
        return directory_ + "/" + name + ".so";
    }

private:
    std::string directory_;
};

Loader::Loader(std::string directory) : state_(std::make_unique<State>(std::move(directory))) {}
Loader::~Loader() = default;

Result<const LoadedModule*> Loader::load(const std::string& name_or_path) {
    if (name_or_path.empty()) return configuration_error("a plugin's name is empty");
    auto file = open_trusted_file(state_->path_of(name_or_path));
    if (!file) return file.error();

    std::string digest = to_hex(tls::sha256(file->content));
    const Resident* resident = same_file(*file);
    if (resident == nullptr) resident = same_path(*file);
    if (resident == nullptr) return load_new(std::move(*file), std::move(digest));
    if (resident->loaded.sha256 != digest) {
        log::write(LogLevel::warning, "plugin",
                   "the file has changed since it was loaded; the loaded one stays until a restart",
                   {{"path", resident->loaded.path}});
    }
    return &resident->loaded;
}

}  // namespace postern::plugin
