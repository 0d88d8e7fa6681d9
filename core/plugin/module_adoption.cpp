#include "core/plugin/module_adoption.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/plugin/adopt.h"

namespace postern::plugin {
namespace {

constexpr std::uint32_t kMaxPlugins = 64;
constexpr std::size_t kMaxIds = 64;
constexpr std::size_t kMaxText = 1024;

std::uint32_t major_of(std::uint32_t version) {
    return version >> 16;
}
std::uint32_t minor_of(std::uint32_t version) {
    return version & 0xffff;
}

// At most kMaxText bytes are looked at.
bool is_text(const char* text) {
    if (text == nullptr) return false;
    const std::size_t length = ::strnlen(text, kMaxText + 1);
    return length > 0 && length <= kMaxText && std::none_of(text, text + length, [](char c) {
               return static_cast<unsigned char>(c) < 0x20;
           });
}

bool is_id(const char* text, std::string_view more) {
    if (!is_text(text)) return false;
    return std::all_of(text, text + std::strlen(text), [more](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

bool is_id_list(const char* const* ids) {
    if (ids == nullptr) return true;
    for (std::size_t i = 0; i <= kMaxIds; ++i) {
        if (ids[i] == nullptr) return true;
        if (!is_id(ids[i], ".-_/")) return false;
    }
    return false;
}

Result<void> check_versions(const postern_module& module) {
    if (major_of(module.abi_version) != POSTERN_ABI_MAJOR) {
        return configuration_error("is built for plugin ABI " + abi_text(module.abi_version) +
                                   "; this Postern has " + abi_text(kHostAbi));
    }
    if (major_of(module.min_host_abi) != POSTERN_ABI_MAJOR ||
        minor_of(module.min_host_abi) > POSTERN_ABI_MINOR) {
        return configuration_error("needs plugin ABI " + abi_text(module.min_host_abi) +
                                   " or later; this Postern has " + abi_text(kHostAbi));
    }
    return {};
}

Result<postern_descriptor> adopt_descriptor(const postern_descriptor* theirs, std::uint32_t index) {
    const std::string which = "descriptor " + std::to_string(index) + " ";
    const auto mine = adopt(theirs, POSTERN_THROUGH(postern_descriptor, interfaces));
    if (!mine) return configuration_error(which + "is NULL or too short");
    if (!is_id(mine->id, ".-_")) {
        return configuration_error(which +
                                   "has no valid id; it is like \"org.example.denylist\", of "
                                   "letters, digits, '.', '-' and '_'");
    }
    if (!is_text(mine->version)) return configuration_error(which + "has no version");
    if (mine->summary != nullptr && *mine->summary != '\0' && !is_text(mine->summary)) {
        return configuration_error(which + "has a summary that is not one line of at most 1 KiB");
    }
    if (!is_id_list(mine->interfaces) || !is_id_list(mine->services)) {
        return configuration_error(which + "lists an id that is malformed, or more than 64 ids");
    }
    if (mine->interfaces == nullptr || mine->interfaces[0] == nullptr) {
        return configuration_error(which + "lists no interface");
    }
    if (mine->thread_model > POSTERN_THREADS_PARALLEL) {
        return configuration_error(which + "has the unknown thread model " +
                                   std::to_string(mine->thread_model));
    }
    return *mine;
}

Result<AdoptedModule> adopt_unguarded(ModuleEntry entry) {
    const postern_module* theirs = entry(kHostAbi);
    if (theirs == nullptr) {
        return configuration_error("does not serve a host with plugin ABI " + abi_text(kHostAbi));
    }
    const auto module = adopt(theirs, POSTERN_THROUGH(postern_module, create));
    if (!module) return configuration_error("returns a module that is too short");
    if (auto versions = check_versions(*module); !versions) return versions.error();
    if (module->count == 0 || module->count > kMaxPlugins) {
        return configuration_error("describes " + std::to_string(module->count) +
                                   " plugins; 1 to 64 are possible");
    }
    if (module->describe == nullptr || module->create == nullptr) {
        return configuration_error("has no describe or create function");
    }

    AdoptedModule adopted;
    adopted.module = *module;
    for (std::uint32_t i = 0; i < module->count; ++i) {
        auto descriptor = adopt_descriptor(module->describe(i), i);
        if (!descriptor) return descriptor.error();
        adopted.descriptors.push_back(*descriptor);
    }
    return adopted;
}

}  // namespace

Result<AdoptedModule> adopt_module(ModuleEntry entry) {
    try {
        return adopt_unguarded(entry);
    } catch (...) {  // the plugin's: nothing of ours throws here but bad_alloc
        return configuration_error("throws an exception out of its entry function");
    }
}

std::vector<std::string> id_list(const char* const* ids) {
    std::vector<std::string> list;
    for (; ids != nullptr && *ids != nullptr; ++ids) list.emplace_back(*ids);
    return list;
}

std::string abi_text(std::uint32_t version) {
    return std::to_string(major_of(version)) + "." + std::to_string(minor_of(version));
}

}  // namespace postern::plugin
