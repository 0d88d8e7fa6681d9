#include "tests/unit/sdk_fake_host/fake_node.h"

#include <string_view>

#include "core/base/units.h"

namespace postern::fake {

namespace {

const FakeNode& node_of(const postern_node* node) {
    return *reinterpret_cast<const FakeNode*>(node);
}

std::string_view text(postern_str value) {
    return {value.data, value.size};
}
postern_str text(std::string_view value) {
    return {value.data(), value.size()};
}

}  // namespace

struct FakeConfigService {
    template <class T>
    static const T* get(const postern_node* node) {
        return node == nullptr ? nullptr : std::get_if<T>(&node_of(node).value_);
    }

    static postern_rc wrong(const postern_node* node, const char* expected) {
        if (node == nullptr) return POSTERN_E_NOT_FOUND;
        node_of(node).errors_.push_back(std::string("expected ") + expected);
        return POSTERN_E_CONFIG;
    }

    template <class T, class Out>
    static postern_rc read(const postern_node* node, const char* expected, Out* out) {
        const T* value = get<T>(node);
        if (value == nullptr) return wrong(node, expected);
        *out = static_cast<Out>(*value);
        return POSTERN_OK;
    }

    static uint32_t type(const postern_node* node) {
        static constexpr uint32_t kTypes[] = {POSTERN_NODE_INTEGER, POSTERN_NODE_REAL,
                                              POSTERN_NODE_BOOLEAN, POSTERN_NODE_STRING,
                                              POSTERN_NODE_TABLE,   POSTERN_NODE_ARRAY};
        return node == nullptr ? POSTERN_NODE_NONE : kTypes[node_of(node).value_.index()];
    }

    static size_t length(const postern_node* node) {
        if (const auto* table = get<FakeNode::Table>(node)) return table->size();
        if (const auto* array = get<FakeNode::Array>(node)) return array->size();
        return 0;
    }

    static const postern_node* member(const postern_node* node, postern_str key) {
        const auto* table = get<FakeNode::Table>(node);
        if (table == nullptr) return nullptr;
        node_of(node).asked_.emplace(text(key));
        for (const auto& [name, value] : *table) {
            if (name == text(key)) return value.handle();
        }
        return nullptr;
    }

    static const postern_node* element(const postern_node* node, size_t index) {
        const auto* array = get<FakeNode::Array>(node);
        return array != nullptr && index < array->size() ? (*array)[index].handle() : nullptr;
    }

    static postern_rc entry(const postern_node* node, size_t index, postern_str* key,
                            const postern_node** value) {
        const auto* table = get<FakeNode::Table>(node);
        if (table == nullptr || index >= table->size()) return POSTERN_E_INVALID;
        node_of(node).asked_.insert((*table)[index].first);
        *key = text((*table)[index].first);
        *value = (*table)[index].second.handle();
        return POSTERN_OK;
    }

    static postern_rc as_string(const postern_node* node, postern_str* out) {
        const auto* value = get<std::string>(node);
        if (value == nullptr) return wrong(node, "a string");
        *out = text(*value);
        return POSTERN_OK;
    }
    static postern_rc as_integer(const postern_node* node, int64_t* out) {
        return read<std::int64_t>(node, "an integer", out);
    }
    static postern_rc as_real(const postern_node* node, double* out) {
        if (get<std::int64_t>(node) != nullptr) return read<std::int64_t>(node, "a number", out);
        return read<double>(node, "a number", out);
    }
    static postern_rc as_boolean(const postern_node* node, uint32_t* out) {
        return read<bool>(node, "true or false", out);
    }
    static postern_rc as_seconds(const postern_node* node, int64_t*) {
        return wrong(node, "a date-time");
    }
    static postern_rc as_duration_ns(const postern_node* node, uint64_t* out) {
        const auto* value = get<std::string>(node);
        if (value == nullptr) return wrong(node, "a duration");
        const auto duration = parse_duration_ns(*value);
        if (!duration) return wrong(node, "a duration");
        *out = *duration;
        return POSTERN_OK;
    }
    static postern_rc as_bytes(const postern_node* node, uint64_t* out) {
        const auto* value = get<std::string>(node);
        if (value == nullptr) return wrong(node, "a size");
        const auto size = parse_size(*value);
        if (!size) return wrong(node, "a size");
        *out = *size;
        return POSTERN_OK;
    }

    static postern_rc resolve(const postern_node* node, const char* directory, postern_str* out) {
        const auto* value = get<std::string>(node);
        if (value == nullptr) return wrong(node, "a path");
        const bool absolute = !value->empty() && value->front() == '/';
        node_of(node).resolved_ = absolute ? *value : std::string(directory) + "/" + *value;
        *out = text(node_of(node).resolved_);
        return POSTERN_OK;
    }
    static postern_rc as_path(const postern_node* node, postern_str* out) {
        return resolve(node, FakeNode::kConfigDirectory, out);
    }
    static postern_rc as_state_path(const postern_node* node, postern_str* out) {
        return resolve(node, FakeNode::kStateDirectory, out);
    }

    static void fail(const postern_node* node, postern_str message) {
        if (node != nullptr) node_of(node).errors_.emplace_back(text(message));
    }
    static postern_rc read_file(const postern_host*, postern_str path,
                                postern_rc (*see)(void*, const postern_node*),
                                void (*report)(void*, postern_str), void* user) {
        const auto file = FakeNode::files().find(std::string(text(path)));
        std::vector<std::string> errors;
        if (file == FakeNode::files().end()) {
            errors.push_back(std::string(text(path)) + ": there is no such file");
        } else {
            file->second.forget_errors();
            static_cast<void>(see(user, file->second.handle()));
            errors = file->second.errors();
        }
        for (const std::string& error : errors) {
            if (report != nullptr) report(user, text(error));
        }
        return errors.empty() ? POSTERN_OK : POSTERN_E_CONFIG;
    }
    static postern_rc position(const postern_node*, uint32_t* line, uint32_t* column) {
        *line = *column = 1;
        return POSTERN_OK;
    }
};

std::map<std::string, FakeNode>& FakeNode::files() {
    static std::map<std::string, FakeNode> files;
    return files;
}

std::vector<std::string> FakeNode::errors() const {
    std::vector<std::string> out;
    collect("", out);
    return out;
}

void FakeNode::collect(const std::string& path, std::vector<std::string>& out) const {
    for (const std::string& error : errors_)
        out.push_back(path.empty() ? error : path + ": " + error);
    if (const auto* entries = std::get_if<Table>(&value_)) {
        for (const auto& [key, value] : *entries) {
            value.collect(path.empty() ? key : path + "." + key, out);
        }
    }
    if (const auto* values = std::get_if<Array>(&value_)) {
        for (std::size_t i = 0; i < values->size(); ++i) {
            (*values)[i].collect(path + "[" + std::to_string(i) + "]", out);
        }
    }
}

std::vector<std::string> FakeNode::unknown_keys() const {
    std::vector<std::string> out;
    for (const auto& [key, value] : std::get<Table>(value_)) {
        if (asked_.count(key) == 0) out.push_back(key);
    }
    return out;
}

const postern_config* FakeNode::service() {
    using S = FakeConfigService;
    static const postern_config table{sizeof(postern_config),
                                      0,
                                      &S::type,
                                      &S::length,
                                      &S::member,
                                      &S::element,
                                      &S::entry,
                                      &S::as_string,
                                      &S::as_integer,
                                      &S::as_real,
                                      &S::as_boolean,
                                      &S::as_seconds,
                                      &S::as_duration_ns,
                                      &S::as_bytes,
                                      &S::as_path,
                                      &S::as_state_path,
                                      &S::fail,
                                      &S::position,
                                      &S::read_file};
    return &table;
}

}  // namespace postern::fake
