#include "pin_sources.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace postern::pinning {

namespace {

constexpr const char* kConfiguredKey = "pinned_certificates";
constexpr const char* kDirectoryKey = "storage_path";
constexpr std::size_t kMaxFiles = 10'000;
// Kernels stamp files with the time of their last tick, and network file systems more coarsely yet.
constexpr std::int64_t kStampGrain = 2;  // seconds

// The directory's files but hidden ones, where others put what they have not finished writing.
// Throws sdk::Error where they cannot be told.
std::set<std::string> list_directory(const std::string& path) {
    const auto fail = [](const std::string& what) { throw sdk::Error(POSTERN_E_IO, what); };
    std::error_code error;
    std::set<std::string> out;
    std::filesystem::directory_iterator entries(path, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        if (name.empty() || name.front() == '.') continue;
        std::error_code unknown;  // refresh_file() will say what it is
        if (entries->is_directory(unknown)) continue;
        out.insert(entries->path().string());
        if (out.size() > kMaxFiles) fail("holds more than 10,000 files");
    }
    if (error) fail("cannot be read: " + error.message());
    return out;
}

bool is_pending(std::string_view path) {
    return path.size() >= kPendingEnding.size() &&
           path.substr(path.size() - kPendingEnding.size()) == kPendingEnding;
}

}  // namespace

std::vector<PinSources::Problem> PinSources::refresh() {
    std::vector<Problem> problems;
    refresh_configured(problems);
    refresh_directory(problems);
    return problems;
}

PinSet PinSources::pins() const {
    PinSet out = settings_.listed;
    for (const auto& [path, file] : configured_) out.add(file.pins);
    for (const auto& [path, file] : stored_) {
        if (!is_pending(path)) out.add(file.pins);
    }
    out.seal();
    return out;
}

PinSet PinSources::pending() const {
    PinSet out;
    for (const auto& [path, file] : stored_) {
        if (is_pending(path)) out.add(file.pins);
    }
    out.seal();
    return out;
}

std::string PinSources::summary() const {
    std::size_t configured = 0;
    for (const auto& [path, file] : configured_) configured += file.pins.size();
    std::size_t stored = 0;
    for (const auto& [path, file] : stored_) stored += is_pending(path) ? 0 : file.pins.size();
    return std::to_string(settings_.listed.size()) + " in pins, " + std::to_string(configured) +
           " in pinned_certificates, " + std::to_string(stored) + " in " + settings_.directory;
}

void PinSources::refresh_configured(std::vector<Problem>& problems) {
    for (const std::string& path : settings_.certificate_files) {
        refresh_file(kConfiguredKey, path, configured_[path], problems);
    }
}

void PinSources::refresh_directory(std::vector<Problem>& problems) {
    Stamp unused;
    if (look_at(settings_.directory, unused) == Presence::absent) {
        stored_.clear();
        directory_problem_.clear();
        return;
    }
    std::set<std::string> present;
    try {
        present = list_directory(settings_.directory);
    } catch (const sdk::Error& error) {
        const std::string problem = settings_.directory + ": " + error.what();
        if (std::exchange(directory_problem_, problem) != problem) {
            problems.push_back({kDirectoryKey, problem, true});
        }
        return;
    }
    directory_problem_.clear();
    for (auto file = stored_.begin(); file != stored_.end();) {
        file = present.count(file->first) == 0 ? stored_.erase(file) : std::next(file);
    }
    for (const std::string& path : present) {
        std::vector<Problem> found;
        refresh_file(kDirectoryKey, path, stored_[path], found);
        // Removed since the directory was read, which is how a pin goes and no problem.
        if (!found.empty() && look_at(path, unused) == Presence::absent) {
            stored_.erase(path);
            continue;
        }
        problems.insert(problems.end(), found.begin(), found.end());
    }
}

void PinSources::refresh_file(const char* key, const std::string& path, File& file,
                              std::vector<Problem>& problems) {
    Stamp stamp;
    const Presence presence = look_at(path, stamp);
    if (presence == Presence::file && file.settled && stamp == file.stamp) return;
    // Gone is gone: whoever takes a pin away must not find it still honoured.
    if (presence == Presence::absent) file.pins = PinSet();
    std::string problem;
    try {
        const Content content =
            key == kDirectoryKey ? Content::certificates_or_pins : Content::certificates;
        file.pins = read_pin_file(x509_, path, settings_.match, content);
    } catch (const sdk::Error& error) {
        problem = error.what();
    }
    // The stamp was taken before the content, so a write in between shows in the next one. A file
    // that made no sense is read again every time.
    file.stamp = stamp;
    file.settled =
        problem.empty() && stamp.changed_ns / 1'000'000'000 < clock_.wall_seconds() - kStampGrain;
    if (std::exchange(file.problem, problem) != problem && !problem.empty()) {
        problems.push_back({key, problem, presence != Presence::absent});
    }
}

}  // namespace postern::pinning
