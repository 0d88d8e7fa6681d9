#include "core/upstream/child/landlock.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace postern::upstream {
namespace {

constexpr std::size_t kMostRules = 32768;

// Newer than the headers of Debian 12.
constexpr std::uint64_t kTruncate = 1ULL << 14;       // version 3
constexpr std::uint64_t kScopeAbstractUnix = 1 << 0;  // version 6
constexpr std::uint64_t kScopeSignal = 1 << 1;
struct RulesetAttributes {
    std::uint64_t handled_access_fs;
    std::uint64_t handled_access_net;  // version 4
    std::uint64_t scoped;              // version 6
};

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kOnFiles = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE;
constexpr std::uint64_t kInFolders =
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM;
// Allowed nowhere: a disk's device under another name.
constexpr std::uint64_t kNever = LANDLOCK_ACCESS_FS_MAKE_BLOCK;

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

class Rules {
public:
    Rules(int ruleset, int version)
        : ruleset_(ruleset),
          on_files_(kOnFiles | (version >= 3 ? kTruncate : 0)),
          in_folders_(kInFolders | (version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0)) {}

    [[nodiscard]] std::uint64_t handled() const { return on_files_ | in_folders_ | kNever; }
    void restrict(int ruleset) { ruleset_ = ruleset; }

    [[nodiscard]] Result<void> allow_all_but(int root, const HiddenTree::Node& hidden) {
        return allow_rest_of({root, "", on_files_ | in_folders_}, hidden);
    }

private:
    // On the way to something hidden; what is in it beside that gets `rest`.
    struct Folder {
        int fd;
        std::string path;  // for messages
        std::uint64_t rest;
    };
    Result<void> allow_rest_of(const Folder& folder, const HiddenTree::Node& node);
    Result<void> allow_entry(const Folder& folder, const char* name,
                             const HiddenTree::Node* special);
    Result<void> allow(int fd, const std::string& path, std::uint64_t access);

    int ruleset_;
    std::uint64_t on_files_;
    std::uint64_t in_folders_;
    std::size_t count_ = 0;
};

Result<void> Rules::allow_rest_of(const Folder& folder, const HiddenTree::Node& node) {
    const int again = ::openat(folder.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseFolder> entries(again < 0 ? nullptr : ::fdopendir(again));
    if (!entries) {
        if (again >= 0) ::close(again);
        // The gate cannot list it: what is known to be there is gone through, the rest stays shut.
        for (const auto& [name, below] : node.below) {
            if (auto done = allow_entry(folder, name.c_str(), &below); !done) return done;
        }
        return {};
    }
    while (const dirent* entry = ::readdir(entries.get())) {
        const std::string_view name = entry->d_name;
        // A link is followed to what has rules of its own.
        if (name == "." || name == ".." || entry->d_type == DT_LNK) continue;
        const auto special = node.below.find(name);
        auto done = allow_entry(folder, entry->d_name,
                                special == node.below.end() ? nullptr : &special->second);
        if (!done) return done;
    }
    return {};
}

Result<void> Rules::allow_entry(const Folder& folder, const char* name,
                                const HiddenTree::Node* special) {
    if (special != nullptr && special->is_leaf && special->access == Access::none) return {};
    const UniqueFd entry(::openat(folder.fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!entry || ::fstat(entry.get(), &status) != 0) return {};  // gone, or not the gate's to open
    if (S_ISLNK(status.st_mode)) return {};
    const bool is_folder = S_ISDIR(status.st_mode);
    const std::string place = folder.path + "/" + name;
    const bool read_only = special != nullptr && special->is_leaf;
    const std::uint64_t rest = read_only ? folder.rest & kRead : folder.rest;
    if (special != nullptr && !special->below.empty()) {
        if (!is_folder) return {};
        return allow_rest_of({entry.get(), place, rest}, *special);
    }
    return allow(entry.get(), place, is_folder ? rest : rest & on_files_);
}

Result<void> Rules::allow(int fd, const std::string& path, std::uint64_t access) {
    if (++count_ > kMostRules) {
        return configuration_error("hide_gate_files: too many files beside the gate's own, up to " +
                                   path + "; keep the gate's files in a folder of their own");
    }
    landlock_path_beneath_attr rule{};
    rule.allowed_access = access;
    rule.parent_fd = fd;
    if (::syscall(SYS_landlock_add_rule, ruleset_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0) {
        return {};
    }
    // A file system that Landlock does not guard needs no rule.
    if (errno == EBADFD) return {};
    return internal_error("hide_gate_files: cannot add a rule for " + path + ": " +
                          std::strerror(errno));
}

}  // namespace

int landlock_version() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : static_cast<int>(version);
}

Result<UniqueFd> make_landlock_ruleset(const HiddenTree& hidden, int version) {
    Rules rules(-1, version);
    RulesetAttributes attributes{};
    attributes.handled_access_fs = rules.handled();
    if (version >= 6) attributes.scoped = kScopeAbstractUnix | kScopeSignal;
    const std::size_t size = version >= 6   ? sizeof attributes
                             : version >= 4 ? sizeof(std::uint64_t) * 2
                                            : sizeof(std::uint64_t);
    UniqueFd ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    const UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!ruleset || !root) {
        return internal_error(std::string("hide_gate_files: cannot make a Landlock ruleset: ") +
                              std::strerror(errno));
    }
    rules.restrict(ruleset.get());
    if (auto done = rules.allow_all_but(root.get(), hidden.root); !done) {
        return std::move(done).error();
    }
    return ruleset;
}

}  // namespace postern::upstream
