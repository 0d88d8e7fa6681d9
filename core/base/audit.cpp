#include "core/base/audit.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log_format.h"

namespace postern::audit {
namespace {

constexpr std::size_t kMaxQueuedLines = 8192;
constexpr std::size_t kMaxQueuedBytes = std::size_t{8} << 20;
constexpr std::size_t kLongestValue = 4096;
constexpr auto kFlushLimit = std::chrono::seconds(5);
constexpr unsigned kMode = 0640;

std::int64_t now_microseconds() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string line_of(std::string_view source, std::string_view event,
                    std::span<const LogField> fields) {
    return format_line({now_microseconds(), LogLevel::notice, source, event, fields},
                       LogFormat::json) +
           "\n";
}

class Writer {
public:
    Writer() : thread_([this] { run(); }) {}

    void use(UniqueFd file) {
        flush();
        const std::lock_guard lock(file_mutex_);
        file_ = std::move(file);
    }

    void add(std::string line) {
        {
            const std::lock_guard lock(mutex_);
            if (lines_.size() >= kMaxQueuedLines || bytes_ + line.size() > kMaxQueuedBytes) {
                ++dropped_;
                return;
            }
            bytes_ += line.size();
            lines_.push_back(std::move(line));
        }
        added_.notify_one();
    }

    void flush() {
        std::unique_lock lock(mutex_);
        idle_.wait_for(lock, kFlushLimit, [this] { return lines_.empty() && !writing_; });
    }

private:
    [[noreturn]] void run() {
        for (;;) {
            std::deque<std::string> lines;
            std::uint64_t dropped = 0;
            {
                std::unique_lock lock(mutex_);
                writing_ = false;
                if (lines_.empty()) idle_.notify_all();
                added_.wait(lock, [this] { return !lines_.empty(); });
                writing_ = true;
                lines.swap(lines_);
                bytes_ = 0;
                std::swap(dropped, dropped_);
            }
            if (dropped != 0) lines.push_back(say_dropped(dropped));
            const std::lock_guard lock(file_mutex_);
            for (const std::string& line : lines) write_line(line);
        }
    }

    static std::string say_dropped(std::uint64_t dropped) {
        const std::string count = std::to_string(dropped);
        const LogField field{"lines", count};
        log::write(LogLevel::error, "audit",
                   "verdicts were dropped: the file takes them too slowly", {field});
        return line_of("audit", "verdicts were dropped", {&field, 1});
    }

    void write_line(std::string_view rest) {
        while (file_ && !rest.empty()) {
            const ssize_t count = ::write(file_.get(), rest.data(), rest.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                say_failed(errno);
                return;
            }
            rest.remove_prefix(static_cast<std::size_t>(count));
        }
        if (file_) failing_ = false;
    }

    // Once until it works again.
    void say_failed(int error) {
        if (std::exchange(failing_, true)) return;
        log::write(LogLevel::error, "audit", "verdicts cannot be written",
                   {{"detail", std::strerror(error)}});
    }

    std::mutex mutex_;
    std::condition_variable added_;
    std::condition_variable idle_;
    std::deque<std::string> lines_;
    std::size_t bytes_ = 0;
    std::uint64_t dropped_ = 0;
    bool writing_ = false;
    std::mutex file_mutex_;
    UniqueFd file_;
    bool failing_ = false;  // the writer's thread only
    std::thread thread_;
};

// Never destroyed: threads may write until the process ends.
std::atomic<Writer*> the_writer{nullptr};
std::atomic<bool> is_enabled{false};

}  // namespace

Result<UniqueFd> open(const std::string& path) {
    constexpr int kFlags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    UniqueFd file(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode));
    if (file) {
        // Whatever the umask: the group is who reads it.
        if (::fchmod(file.get(), kMode) != 0)
            return configuration_error(path + ": " + std::strerror(errno));
        return file;
    }
    if (errno == EEXIST) file.reset(::open(path.c_str(), kFlags));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0)
        return configuration_error(path + ": " + std::strerror(errno) +
                                   "; the audit file must be one that the gate can append to");
    if (!S_ISREG(status.st_mode)) return configuration_error(path + ": is not a regular file");
    return file;
}

Result<void> use(UniqueFd file) {
    const bool on = static_cast<bool>(file);
    Writer* writer = the_writer.load();
    if (writer == nullptr && !on) return {};
    if (writer == nullptr) {
        try {
            writer = new Writer;
        } catch (const std::system_error& error) {
            return internal_error("cannot start the audit thread: " + std::string(error.what()));
        }
        the_writer.store(writer);
    }
    writer->use(std::move(file));
    is_enabled.store(on);
    return {};
}

bool enabled() {
    return is_enabled.load(std::memory_order_relaxed);
}

void write(std::string_view source, std::string_view event,
           std::initializer_list<LogField> fields) {
    if (!enabled()) return;
    std::vector<LogField> bounded(fields.begin(), fields.end());
    for (LogField& field : bounded) field.value = field.value.substr(0, kLongestValue);
    the_writer.load()->add(line_of(source, event, bounded));
}

void flush() {
    if (Writer* const writer = the_writer.load()) writer->flush();
}

}  // namespace postern::audit
