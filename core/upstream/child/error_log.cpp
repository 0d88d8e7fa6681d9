#include "core/upstream/child/error_log.h"

#include <algorithm>

#include "core/base/log.h"
#include "core/config/configuration.h"

namespace postern::upstream {

void ChildErrorLog::read(std::string_view bytes, std::uint64_t now_ns) {
    if (now_ns / config::kSecond != second_) {
        say_dropped();
        second_ = now_ns / config::kSecond;
        lines_ = 0;
    }
    while (!bytes.empty()) {
        if (lines_ >= kLinesPerSecond) {
            dropped_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
            line_.clear();
            cut_ = !bytes.ends_with('\n');  // the next second begins in a line
            return;
        }
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        const std::size_t room = kLongestLine - line_.size();
        if (part.size() > room) cut_ = true;
        line_.append(part.substr(0, room));
        if (end == std::string_view::npos) return;
        bytes.remove_prefix(end + 1);
        line_ended();
    }
}

void ChildErrorLog::end() {
    line_ended();
    say_dropped();
}

void ChildErrorLog::line_ended() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (!line_.empty()) {
        ++lines_;
        log::write(
            LogLevel::info, "upstream", "a child says",
            {{"route", route_}, {"child", pid_}, {"line", line_}, {"cut", cut_ ? "yes" : "no"}});
    }
    line_.clear();
    cut_ = false;
}

void ChildErrorLog::say_dropped() {
    if (dropped_ == 0) return;
    log::write(LogLevel::info, "upstream", "a child said more than is logged",
               {{"route", route_}, {"child", pid_}, {"lines", std::to_string(dropped_)}});
    dropped_ = 0;
}

}  // namespace postern::upstream
