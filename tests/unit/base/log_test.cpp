#include "core/base/log.h"

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include "core/base/unique_fd.h"

using namespace postern;

namespace {

// Standard error as a pipe that only this test reads.
class CapturedError {
public:
    CapturedError() {
        std::array<int, 2> ends{};
        BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        read_.reset(ends[0]);
        saved_.reset(::dup(STDERR_FILENO));
        BOOST_REQUIRE(::dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
        ::close(ends[1]);
    }
    ~CapturedError() { restore(); }
    CapturedError(const CapturedError&) = delete;
    CapturedError& operator=(const CapturedError&) = delete;

    // Everything until now; the pipe has no writer left afterwards.
    std::string take() {
        restore();
        return read_all();
    }
    std::string read_all() {
        std::string all;
        std::array<char, 65536> chunk;
        while (true) {
            const ssize_t count = ::read(read_.get(), chunk.data(), chunk.size());
            if (count <= 0) return all;
            all.append(chunk.data(), static_cast<std::size_t>(count));
        }
    }
    void restore() {
        if (!saved_) return;
        ::dup2(saved_.get(), STDERR_FILENO);
        saved_.reset();
    }

private:
    UniqueFd read_;
    UniqueFd saved_;
};

void set_up() {
    BOOST_REQUIRE(log::set_up(LogLevel::info, LogFormat::text).ok());
}

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_)

BOOST_AUTO_TEST_CASE(lines_come_out_in_order_with_their_fields) {
    set_up();
    CapturedError error;
    log::write(LogLevel::notice, "gate", "first", {{"zebra", "1"}, {"ant", "a b"}});
    log::write(LogLevel::error, "gate", "second");
    log::flush();
    const std::string text = error.take();
    const std::size_t first = text.find(" notice gate: first zebra=1 ant=\"a b\"\n");
    const std::size_t second = text.find(" error gate: second\n");
    BOOST_TEST(first != std::string::npos);
    BOOST_TEST(second != std::string::npos);
    BOOST_TEST(first < second);
    BOOST_TEST(lines_in(text) == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_below_the_level_is_not_written) {
    set_up();
    CapturedError error;
    BOOST_TEST(!log::enabled(LogLevel::debug));
    log::write(LogLevel::debug, "gate", "unheard");
    log::set_level(LogLevel::debug);
    BOOST_TEST(log::enabled(LogLevel::debug));
    BOOST_TEST((log::level() == LogLevel::debug));
    log::write(LogLevel::debug, "gate", "heard");
    log::set_level(LogLevel::error);
    BOOST_TEST(!log::enabled(LogLevel::warning));
    log::flush();
    const std::string text = error.take();
    BOOST_TEST(text.find("unheard") == std::string::npos);
    BOOST_TEST(text.find("debug gate: heard") != std::string::npos);
    log::set_level(LogLevel::info);
}

BOOST_AUTO_TEST_CASE(the_format_can_change_while_running) {
    set_up();
    CapturedError error;
    log::set_format(LogFormat::json);
    log::write(LogLevel::info, "gate", "m", {{"k", "v"}});
    log::flush();
    log::set_format(LogFormat::text);
    BOOST_TEST(error.take().find(R"("level":"info","source":"gate","message":"m","k":"v"})") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(detailed_tls_is_off_until_asked_for) {
    BOOST_TEST(!log::detailed_tls());
    log::set_detailed_tls(true);
    BOOST_TEST(log::detailed_tls());
    log::set_detailed_tls(false);
}

BOOST_AUTO_TEST_CASE(a_long_value_is_cut) {
    set_up();
    CapturedError error;
    log::write(LogLevel::info, "gate", "m", {{"k", std::string(100000, 'x')}});
    log::flush();
    const std::string text = error.take();
    BOOST_TEST(text.size() < 5000u);
    BOOST_TEST(text.size() > 4000u);
}

BOOST_AUTO_TEST_CASE(lines_that_do_not_fit_are_counted_and_said_and_nobody_waits) {
    set_up();
    CapturedError error;
    // Nobody reads yet: the pipe fills, then the queue, and writing still returns.
    constexpr std::size_t kLines = 30000;
    for (std::size_t i = 0; i < kLines; ++i) {
        log::write(LogLevel::info, "gate", "a line that is long enough to fill the pipe soon");
    }
    std::string text;
    std::thread reader([&] { text = error.read_all(); });
    log::flush();
    log::write(LogLevel::info, "gate", "after");
    log::flush();
    error.restore();
    reader.join();

    std::size_t dropped = 0;
    for (std::size_t at = 0; (at = text.find(" lines=", at)) != std::string::npos;) {
        at += 7;
        dropped += std::stoul(text.substr(at));
    }
    const std::size_t sayings = [&] {
        std::size_t count = 0;
        for (std::size_t at = 0; (at = text.find("warning log: ", at)) != std::string::npos; ++at) {
            ++count;
        }
        return count;
    }();
    BOOST_TEST(dropped > 0u);
    BOOST_TEST(lines_in(text) - sayings + dropped == kLines + 1);
    BOOST_TEST(text.find("gate: after") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_threads_write_whole_lines) {
    set_up();
    CapturedError error;
    std::string text;
    std::thread reader([&] { text = error.read_all(); });
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([] {
            for (int line = 0; line < 500; ++line) {
                log::write(LogLevel::info, "gate", "begin", {{"end", "end"}});
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    log::flush();
    error.restore();
    reader.join();
    BOOST_TEST(lines_in(text) == 2000u);
    std::size_t whole = 0;
    for (std::size_t at = 0;
         (at = text.find(" info gate: begin end=end\n", at)) != std::string::npos; ++at) {
        ++whole;
    }
    BOOST_TEST(whole == 2000u);
}

BOOST_AUTO_TEST_SUITE_END()
