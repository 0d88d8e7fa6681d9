#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::upstream {

// Writes what a child says on its standard error to the log, a line at a time and no more of it
// than anybody reads: long lines are cut, and what is above kLinesPerSecond is counted.
class ChildErrorLog {
public:
    static constexpr std::uint64_t kLinesPerSecond = 50;
    static constexpr std::size_t kLongestLine = 1024;

    // Both for the log's fields.
    ChildErrorLog(std::string route, std::string pid)
        : route_(std::move(route)), pid_(std::move(pid)) {}

    void read(std::string_view bytes, std::uint64_t now_ns);
    void end();  // the last line, if it was not ended, and the count

    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

private:
    void line_ended();
    void say_dropped();

    std::string route_;
    std::string pid_;
    std::string line_;
    bool cut_ = false;
    std::uint64_t second_ = 0;  // that lines_ counts in
    std::uint64_t lines_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace postern::upstream
