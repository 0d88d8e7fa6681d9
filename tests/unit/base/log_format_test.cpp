#include "core/base/log_format.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace postern;

namespace {

constexpr std::int64_t kTime = 1'795'403'045'123'456;  // 2026-11-23T03:04:05.123456Z

std::string text(std::string_view message, std::vector<LogField> fields = {}) {
    return format_line({kTime, LogLevel::warning, "tls", message, fields}, LogFormat::text);
}

nlohmann::ordered_json json(std::string_view message, std::vector<LogField> fields = {}) {
    const std::string line =
        format_line({kTime, LogLevel::warning, "tls", message, fields}, LogFormat::json);
    for (const char c : line) BOOST_REQUIRE((c >= ' ' && c <= '~'));
    return nlohmann::ordered_json::parse(line);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_format)

BOOST_AUTO_TEST_CASE(a_text_line_has_time_level_source_message_and_fields) {
    BOOST_TEST(text("refused", {{"reason", "not_pinned"}, {"subject", "CN=a b"}, {"note", ""}}) ==
               "2026-11-23T03:04:05.123Z warning tls: refused reason=not_pinned "
               "subject=\"CN=a b\" note=\"\"");
}

BOOST_AUTO_TEST_CASE(a_json_line_keeps_the_order_of_its_keys) {
    const std::vector<LogField> fields{{"zebra", "1"}, {"ant", "2"}};
    BOOST_TEST(format_line({kTime, LogLevel::error, "net", "m", fields}, LogFormat::json) ==
               R"({"time":"2026-11-23T03:04:05.123Z","level":"error","source":"net",)"
               R"("message":"m","zebra":"1","ant":"2"})");
}

BOOST_AUTO_TEST_CASE(a_hostile_value_cannot_start_a_line_or_a_field) {
    const std::string value = "x\n2026-11-23T03:04:05.123Z notice tls: fine\r\t\"\\ a=b";
    BOOST_TEST(text("refused", {{"name", value}}) ==
               "2026-11-23T03:04:05.123Z warning tls: refused "
               "name=\"x\\n2026-11-23T03:04:05.123Z notice tls: fine\\r\\t\\\"\\\\ a=b\"");
    BOOST_TEST(json("refused", {{"name", value}})["name"] == value);
    BOOST_TEST(text("a\nb", {}) == "2026-11-23T03:04:05.123Z warning tls: a\\nb");
}

BOOST_AUTO_TEST_CASE(terminal_escapes_and_reordering_are_made_visible) {
    const std::string line = text("m", {{"name",
                                         "\x1b[2J\x7f\xc2\x9b\xe2\x80\xae"
                                         "abc"}});
    BOOST_TEST(line.ends_with("name=\"\\u{1b}[2J\\u{7f}\\u{9b}\\u{202e}abc\""));
}

BOOST_AUTO_TEST_CASE(broken_utf8_is_escaped_and_good_utf8_stays) {
    BOOST_TEST(text("m", {{"n", "M\xc3\xbcller\xf0\x9f\x98\x80"}})
                   .ends_with("n=\"M\xc3\xbcller\xf0\x9f\x98\x80\""));
    // Overlong, surrogate, beyond Unicode, cut short, stray.
    for (const char* broken : {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                               "\xe2\x82", "\x80", "\xff"}) {
        const std::string line = text("m", {{"n", broken}});
        for (const char c : line) BOOST_TEST((c >= ' ' && c <= '~'));
        BOOST_TEST(line.find("n=\"\\x") != std::string::npos);
        BOOST_TEST(json("m", {{"n", broken}})["n"].is_string());
    }
}

BOOST_AUTO_TEST_CASE(a_field_cannot_hide_one_of_the_lines_own_keys) {
    const auto line = json("m", {{"level", "error"}, {"time", "never"}, {"time", "again"}});
    BOOST_TEST(line["level"] == "warning");
    BOOST_TEST(line["level_"] == "error");
    BOOST_TEST(line["time_"] == "never");
    BOOST_TEST(line["time__"] == "again");
}

BOOST_AUTO_TEST_CASE(every_byte_gives_one_printable_line) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string value(1, static_cast<char>(byte));
        const std::string line = text(value, {{value, value}});
        for (const char c : line) BOOST_TEST((c >= ' ' && c <= '~'), byte);
        BOOST_TEST(json(value, {{value, value}}).size() >= 5u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
