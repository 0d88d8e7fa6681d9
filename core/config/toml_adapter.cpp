#include "core/config/toml_adapter.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "core/config/toml_hazard.h"

// toml++ asserts what hostile text can break ("[=" is enough), and assumes it with NDEBUG under
// clang. Here every build checks, and what breaks is a parse error.
namespace {
struct BrokenAssertion {};
constexpr void check_assertion(bool holds) {
    if (!holds) throw BrokenAssertion();
}
}  // namespace
#undef NDEBUG
#define TOML_ASSERT(expression) check_assertion(static_cast<bool>(expression))
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

namespace postern::config {
namespace {

static_assert(TOML_MAX_NESTED_VALUES == kDeepest);

class Copier {
public:
    explicit Copier(const std::string& file) : file_(file) {}

    [[nodiscard]] Result<Document> copy(const toml::node& node, const toml::source_position& place,
                                        std::size_t depth) const {
        if (depth > kDeepest) return refuse(place, "is nested too deep");
        switch (node.type()) {
            case toml::node_type::table:
                return copy_table(*node.as_table(), place, depth);
            case toml::node_type::array:
                return copy_array(*node.as_array(), place, depth);
            case toml::node_type::string:
                return scalar(place, node.as_string()->get());
            case toml::node_type::integer:
                return scalar(place, node.as_integer()->get());
            case toml::node_type::floating_point:
                return scalar(place, node.as_floating_point()->get());
            case toml::node_type::boolean:
                return scalar(place, node.as_boolean()->get());
            case toml::node_type::date_time:
                return copy_time(node.as_date_time()->get(), place);
            default:
                return refuse(place, "a time needs its date and offset: 2026-11-23T03:04:05Z");
        }
    }

    [[nodiscard]] Error refuse(const toml::source_position& place, std::string_view what) const {
        return configuration_error(position(place).text() + ": " + std::string(what));
    }

private:
    [[nodiscard]] Position position(const toml::source_position& place) const {
        return {file_, place.line, place.column};
    }

    template <class T>
    [[nodiscard]] Document scalar(const toml::source_position& place, T value) const {
        return {std::move(value), position(place)};
    }

    [[nodiscard]] Result<Document> copy_table(const toml::table& table,
                                              const toml::source_position& place,
                                              std::size_t depth) const {
        Document::Table members;
        for (const auto& [key, value] : table) {
            Result<Document> member = copy(value, key.source().begin, depth + 1);
            if (!member) return member;
            members.push_back({std::string(key.str()), std::move(*member)});
        }
        // toml++ sorts by name; messages and --print-config follow the file.
        std::stable_sort(members.begin(), members.end(), [](const auto& left, const auto& right) {
            const Position& a = left.value.position;
            const Position& b = right.value.position;
            return std::tie(a.line, a.column) < std::tie(b.line, b.column);
        });
        return Document{std::move(members), position(place)};
    }

    [[nodiscard]] Result<Document> copy_array(const toml::array& array,
                                              const toml::source_position& place,
                                              std::size_t depth) const {
        Document::Array elements;
        elements.reserve(array.size());
        for (const toml::node& value : array) {
            Result<Document> element = copy(value, value.source().begin, depth + 1);
            if (!element) return element;
            elements.push_back(std::move(*element));
        }
        return Document{std::move(elements), position(place)};
    }

    [[nodiscard]] Result<Document> copy_time(const toml::date_time& time,
                                             const toml::source_position& place) const {
        if (!time.offset) {
            return refuse(place, "a date-time needs its offset: 2026-11-23T03:04:05Z");
        }
        const std::chrono::year_month_day date(std::chrono::year(time.date.year),
                                               std::chrono::month(time.date.month),
                                               std::chrono::day(time.date.day));
        const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
        const std::int64_t minutes =
            (days * 24 + time.time.hour) * 60 + time.time.minute - time.offset->minutes;
        return scalar(place, Node::DateTime{minutes * 60 + time.time.second});
    }

    const std::string& file_;
};

// The text with every byte that is not ASCII as "x" and its hex digits, so that keys stay apart:
// where that is TOML, the strings and comments are where find_toml_hazard() saw them, and the text
// itself is safe to parse.
std::string ascii_shape(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string shape;
    shape.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            shape += c;
        } else {
            shape += 'x';
            shape += kDigits[byte >> 4];
            shape += kDigits[byte & 15];
        }
    }
    return shape;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// toml++ quotes the offending text in its messages: ours are one line of printable characters.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return line;
}

}  // namespace

Result<Document> parse_toml(std::string_view text, const std::string& file) {
    const Copier copier(file);
    if (const std::optional<TomlHazard> hazard = find_toml_hazard(text, kDeepest)) {
        const bool dots = hazard->kind == TomlHazard::Kind::dots;
        return copier.refuse({hazard->line, 1},
                             dots ? "a key has more than " + std::to_string(kDeepest) + " parts"
                                  : "a character that is not ASCII stands outside quotes");
    }
    try {
        // A quote in the middle of a malformed value begins no string: toml++ looks past it.
        if (!is_ascii(text)) static_cast<void>(toml::parse(ascii_shape(text), file));
        return copier.copy(toml::parse(text, file), {1, 1}, 0);
    } catch (const toml::parse_error& error) {
        return copier.refuse(error.source().begin, one_line(error.description()));
    } catch (const BrokenAssertion&) {
        return configuration_error(file + ": is not TOML");
    }
}

}  // namespace postern::config
