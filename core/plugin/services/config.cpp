#include "core/plugin/services/config.h"

#include <optional>
#include <utility>

#include "core/base/units.h"
#include "core/config/path.h"
#include "core/plugin/sdk_values.h"
#include "core/plugin/services/config_file.h"
#include "core/plugin/services/guard.h"

namespace postern::plugin {
namespace {

constexpr std::size_t kMaxErrors = 100;

thread_local ConfigReading* reading = nullptr;

const config::Node* node_of(const postern_node* handle) {
    return reinterpret_cast<const config::Node*>(handle);
}

postern_rc wrong(const config::Node& node, std::string_view message) {
    if (reading != nullptr) reading->fail(node, message);
    return POSTERN_E_CONFIG;
}

postern_rc wrong_type(const config::Node& node, const char* expected) {
    return wrong(node, std::string("expected ") + expected + ", found " +
                           std::string(config::type_name(node.type())));
}

// The shape of every as_*: NULL is "not found", another type is an error at its place.
template <class Out, class Value>
postern_rc give(const postern_node* handle, Out* out, const char* expected,
                std::optional<Value> (config::Node::*get)() const) {
    if (out == nullptr) return POSTERN_E_INVALID;
    const config::Node* node = node_of(handle);
    if (node == nullptr) return POSTERN_E_NOT_FOUND;
    const auto value = (node->*get)();
    if (!value) return wrong_type(*node, expected);
    *out = static_cast<Out>(*value);
    return POSTERN_OK;
}

std::uint32_t type(const postern_node* handle) {
    const config::Node* node = node_of(handle);
    return node == nullptr ? POSTERN_NODE_NONE : static_cast<std::uint32_t>(node->type());
}

std::size_t length(const postern_node* handle) {
    const config::Node* node = node_of(handle);
    return node == nullptr ? 0 : node->length();
}

const postern_node* member(const postern_node* table, postern_str key) {
    const config::Node* node = node_of(table);
    return node == nullptr ? nullptr : handle_of(node->member(view_of(key)));
}

const postern_node* element(const postern_node* array, std::size_t index) {
    const config::Node* node = node_of(array);
    return node == nullptr ? nullptr : handle_of(node->element(index));
}

postern_rc entry(const postern_node* table, std::size_t index, postern_str* key,
                 const postern_node** value) {
    if (key == nullptr || value == nullptr) return POSTERN_E_INVALID;
    const config::Node* node = node_of(table);
    if (node == nullptr) return POSTERN_E_NOT_FOUND;
    const auto found = node->entry(index);
    if (!found) return POSTERN_E_NOT_FOUND;
    *key = str_of(found->key);
    *value = handle_of(found->value);
    return POSTERN_OK;
}

postern_rc as_string(const postern_node* handle, postern_str* out) {
    if (out == nullptr) return POSTERN_E_INVALID;
    std::string_view text;
    const postern_rc rc = give(handle, &text, "a string", &config::Node::as_string);
    if (rc == POSTERN_OK) *out = str_of(text);
    return rc;
}

postern_rc as_integer(const postern_node* handle, std::int64_t* out) {
    return give(handle, out, "an integer", &config::Node::as_integer);
}

postern_rc as_real(const postern_node* handle, double* out) {
    return give(handle, out, "a number", &config::Node::as_real);
}

postern_rc as_boolean(const postern_node* handle, std::uint32_t* out) {
    return give(handle, out, "true or false", &config::Node::as_boolean);
}

postern_rc as_seconds(const postern_node* handle, std::int64_t* out) {
    return give(handle, out, "a date-time", &config::Node::as_seconds);
}

postern_rc as_units(const postern_node* handle, std::uint64_t* out, const char* expected,
                    Result<std::uint64_t> (*parse)(std::string_view)) {
    if (out == nullptr) return POSTERN_E_INVALID;
    std::string_view text;
    const postern_rc rc = give(handle, &text, expected, &config::Node::as_string);
    if (rc != POSTERN_OK) return rc;
    const auto value = parse(text);
    if (!value) return wrong(*node_of(handle), value.error().message);
    *out = *value;
    return POSTERN_OK;
}

postern_rc as_duration_ns(const postern_node* handle, std::uint64_t* out) {
    return as_units(handle, out, "a duration such as \"3s\"", parse_duration_ns);
}

postern_rc as_bytes(const postern_node* handle, std::uint64_t* out) {
    return as_units(handle, out, "a size such as \"4MiB\"", parse_size);
}

postern_rc path_below(const postern_node* handle, postern_str* out, const std::string* directory) {
    if (out == nullptr || reading == nullptr) return POSTERN_E_INVALID;
    std::string_view text;
    const postern_rc rc = give(handle, &text, "a path", &config::Node::as_string);
    if (rc != POSTERN_OK) return rc;
    const config::Node& node = *node_of(handle);
    auto path =
        config::absolute_path(text, directory != nullptr ? *directory : config::directory_of(node));
    if (!path) return wrong(node, path.error().message);
    *out = str_of(reading->keep(std::move(*path)));
    return POSTERN_OK;
}

postern_rc as_path(const postern_node* handle, postern_str* out) {
    return path_below(handle, out, nullptr);
}

postern_rc as_state_path(const postern_node* handle, postern_str* out) {
    return path_below(handle, out, reading != nullptr ? &reading->state_directory() : nullptr);
}

void fail(const postern_node* handle, postern_str message) {
    if (const config::Node* node = node_of(handle)) wrong(*node, view_of(message).substr(0, 1024));
}

postern_rc position(const postern_node* handle, std::uint32_t* line, std::uint32_t* column) {
    const config::Node* node = node_of(handle);
    if (node == nullptr) return POSTERN_E_NOT_FOUND;
    if (line == nullptr || column == nullptr) return POSTERN_E_INVALID;
    *line = node->position().line;
    *column = node->position().column;
    return POSTERN_OK;
}

}  // namespace

void ConfigReading::begin() {
    outer_ = reading;
    reading = this;
}
void ConfigReading::end() {
    reading = std::exchange(outer_, nullptr);
}
ConfigReading* ConfigReading::current() {
    return reading;
}

void ConfigReading::fail(const config::Node& node, std::string_view message) {
    report(node.error(message));
}

void ConfigReading::report(std::string error) {
    if (errors_.size() < kMaxErrors) errors_.push_back(std::move(error));
}

std::string_view ConfigReading::keep(std::string text) {
    return kept_.emplace_back(std::move(text));
}

const postern_config* config_service() {
    static const postern_config table{sizeof(postern_config),
                                      0,
                                      guarded<type>,
                                      guarded<length>,
                                      guarded<member>,
                                      guarded<element>,
                                      guarded<entry>,
                                      guarded<as_string>,
                                      guarded<as_integer>,
                                      guarded<as_real>,
                                      guarded<as_boolean>,
                                      guarded<as_seconds>,
                                      guarded<as_duration_ns>,
                                      guarded<as_bytes>,
                                      guarded<as_path>,
                                      guarded<as_state_path>,
                                      guarded<fail>,
                                      guarded<position>,
                                      guarded<read_config_file>};
    return &table;
}

}  // namespace postern::plugin
