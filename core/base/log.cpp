#include "core/base/log.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <Poco/AsyncChannel.h>
#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <Poco/Timestamp.h>
#include <unistd.h>

#include "core/base/log_format.h"

namespace postern::log {
namespace {

constexpr std::uint64_t kMaxQueuedLines = 8192;
constexpr std::uint64_t kMaxQueuedBytes = std::uint64_t{8} << 20;
constexpr std::size_t kLongestValue = 4096;
constexpr std::size_t kMostFields = 64;
constexpr auto kFlushLimit = std::chrono::seconds(5);  // standard error may be a stuck pipe

constexpr LogLevel kLevelAtStart = LogLevel::info;
std::atomic<std::uint8_t> current_level{static_cast<std::uint8_t>(kLevelAtStart)};
std::atomic<LogFormat> current_format{LogFormat::text};
std::atomic<bool> current_detailed_tls{false};

Poco::Message::Priority priority_of(LogLevel level) {
    constexpr int kOffset = Poco::Message::PRIO_ERROR - static_cast<int>(LogLevel::error);
    return static_cast<Poco::Message::Priority>(static_cast<int>(level) + kOffset);
}

LogLevel level_of(Poco::Message::Priority priority) {
    constexpr int kOffset = Poco::Message::PRIO_ERROR - static_cast<int>(LogLevel::error);
    return static_cast<LogLevel>(static_cast<int>(priority) - kOffset);
}

std::string_view bounded(std::string_view value) {
    return value.substr(0, kLongestValue);
}

// Fields travel as the message's parameters: k0, v0, k1, v1 and so on.
std::string parameter(char kind, std::size_t index) {
    return kind + std::to_string(index);
}

void add_fields(Poco::Message& message, std::span<const LogField> fields) {
    for (std::size_t i = 0; i < fields.size() && i < kMostFields; ++i) {
        message.set(parameter('k', i), std::string(bounded(fields[i].key)));
        message.set(parameter('v', i), std::string(bounded(fields[i].value)));
    }
}

std::vector<LogField> fields_of(const Poco::Message& message) {
    std::vector<LogField> fields;
    for (std::size_t i = 0; message.has(parameter('k', i)); ++i) {
        fields.push_back({message.get(parameter('k', i)), message.get(parameter('v', i))});
    }
    return fields;
}

std::uint64_t size_of(const Poco::Message& message) {
    std::uint64_t size = sizeof(Poco::Message) + message.getText().size();
    for (const LogField& field : fields_of(message)) {
        size += field.key.size() + field.value.size() + 64;
    }
    return size;
}

// What waits to be written. Poco's queueSize would drop without an exact count and without a way
// to wait for the rest, so the bound is kept here.
class Backlog {
public:
    [[nodiscard]] bool take(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        if (lines_ >= kMaxQueuedLines || bytes_ + bytes > kMaxQueuedBytes) {
            ++dropped_;
            return false;
        }
        ++lines_;
        bytes_ += bytes;
        return true;
    }

    // How many lines were dropped since this was last asked.
    [[nodiscard]] std::uint64_t take_dropped() {
        const std::lock_guard lock(mutex_);
        return std::exchange(dropped_, 0);
    }

    void written(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        --lines_;
        bytes_ -= bytes;
        if (lines_ == 0) empty_.notify_all();
    }

    void wait_until_empty() {
        std::unique_lock lock(mutex_);
        empty_.wait_for(lock, kFlushLimit, [this] { return lines_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable empty_;
    std::uint64_t lines_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t dropped_ = 0;
};

// Formats and writes; runs on AsyncChannel's thread. One write(2) a line, so that lines of several
// processes on one standard error stay whole.
class LineChannel final : public Poco::Channel {
public:
    explicit LineChannel(Backlog& backlog) : backlog_(backlog) {}

    void log(const Poco::Message& message) override {
        const std::vector<LogField> fields = fields_of(message);
        write_line({message.getTime().epochMicroseconds(), level_of(message.getPriority()),
                    message.getSource(), message.getText(), fields});
        say_dropped();
        backlog_.written(size_of(message));
    }

private:
    void say_dropped() {
        const std::uint64_t dropped = backlog_.take_dropped();
        if (dropped == 0) return;
        const std::string count = std::to_string(dropped);
        const LogField field{"lines", count};
        write_line({Poco::Timestamp().epochMicroseconds(),
                    LogLevel::warning,
                    "log",
                    "lines were dropped: they came faster than they could be written",
                    {&field, 1}});
    }

    void write_line(const LogLine& line) {
        std::string text = format_line(line, current_format.load(std::memory_order_relaxed));
        text += '\n';
        std::string_view rest = text;
        while (!rest.empty()) {
            const ssize_t count = ::write(STDERR_FILENO, rest.data(), rest.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return;  // there is nowhere left to say so
            rest.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    Backlog& backlog_;
};

struct Log {
    Backlog backlog;
    Poco::AutoPtr<Poco::AsyncChannel> channel{
        new Poco::AsyncChannel(Poco::AutoPtr<LineChannel>(new LineChannel(backlog)))};
    // Owned beside Poco's registry, which is gone before the last thread of ours at exit.
    Poco::AutoPtr<Poco::Logger> logger{
        &Poco::Logger::create("postern", channel, Poco::Message::PRIO_TRACE), true};
};

// Never destroyed: threads may log until the process ends.
std::atomic<Log*> the_log{nullptr};

void enqueue(Log& log, LogLevel level, std::string_view source, std::string_view message,
             std::span<const LogField> fields) {
    Poco::Message entry(std::string(source), std::string(bounded(message)), priority_of(level));
    add_fields(entry, fields);
    const std::uint64_t size = size_of(entry);
    if (!log.backlog.take(size)) return;
    try {
        log.logger->log(entry);
    } catch (const Poco::Exception&) {
        log.backlog.written(size);  // no thread could be started; a log must not end the process
    }
}

}  // namespace

Result<void> set_up(LogLevel level, LogFormat format) {
    set_level(level);
    set_format(format);
    if (the_log.load(std::memory_order_acquire) != nullptr) return {};
    try {
        auto log = std::make_unique<Log>();
        log->channel->open();
        the_log.store(log.release(), std::memory_order_release);
    } catch (const Poco::Exception& exception) {
        return internal_error("cannot start the log: " + exception.displayText());
    }
    return {};
}

void set_level(LogLevel level) {
    current_level.store(static_cast<std::uint8_t>(level), std::memory_order_relaxed);
}

void set_format(LogFormat format) {
    current_format.store(format, std::memory_order_relaxed);
}

void set_detailed_tls(bool on) {
    current_detailed_tls.store(on, std::memory_order_relaxed);
}

LogLevel level() {
    return static_cast<LogLevel>(current_level.load(std::memory_order_relaxed));
}

bool enabled(LogLevel level) {
    return static_cast<std::uint8_t>(level) <= current_level.load(std::memory_order_relaxed);
}

bool detailed_tls() {
    return current_detailed_tls.load(std::memory_order_relaxed);
}

void write(LogLevel level, std::string_view source, std::string_view message,
           std::span<const LogField> fields) {
    if (!enabled(level)) return;
    Log* const log = the_log.load(std::memory_order_acquire);
    if (log != nullptr) enqueue(*log, level, source, message, fields);
}

void flush() {
    Log* const log = the_log.load(std::memory_order_acquire);
    if (log != nullptr) log->backlog.wait_until_empty();
}

}  // namespace postern::log
