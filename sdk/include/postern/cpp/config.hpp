// SPDX-License-Identifier: Apache-2.0
//
// config.hpp - typed reading of the plugin's table. A value of the wrong type is reported with
// file, line and column and leaves configure() by an exception, so a plugin reads straight on:
//
//   limit_ = config.integer("limit", 60, 1, 1000000);
//   window_ = config.duration("window", std::chrono::minutes(1));
//
// A key that was never asked for is an unknown key, and the host says so. [main]
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../service/config.h"
#include "host.hpp"

namespace postern::sdk {

class Config : public Service<postern_config> {
public:
    static constexpr const char* kId = POSTERN_SERVICE_CONFIG;

    Config(Host host, const postern_node* node) noexcept : Service(host, kId), node_(node) {}

    const postern_node* node() const noexcept { return node_; }
    std::uint32_t type() const { return required().type(node_); }
    std::size_t length() const { return required().length(node_); }
    bool empty() const { return type() == POSTERN_NODE_NONE; }
    bool has(std::string_view key) const { return member(key) != nullptr; }

    // Keys of a table. The one with a default is optional, the other must be there.
    std::string string(std::string_view key) const { return own(need(key, &T::as_string)); }
    std::string string(std::string_view key, std::string_view otherwise) const {
        return own(read(key, &T::as_string, text(otherwise)));
    }
    bool boolean(std::string_view key, bool otherwise) const {
        return read(key, &T::as_boolean, std::uint32_t{otherwise ? 1u : 0u}) != 0;
    }
    std::int64_t integer(std::string_view key, std::int64_t otherwise,
                         std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                         std::int64_t most = std::numeric_limits<std::int64_t>::max()) const {
        const std::int64_t value = read(key, &T::as_integer, otherwise);
        if (value < least || value > most) {
            fail(key, "must be between " + std::to_string(least) + " and " + std::to_string(most));
        }
        return value;
    }
    double real(std::string_view key, double otherwise) const {
        return read(key, &T::as_real, otherwise);
    }
    // "500ms", "3s", "24h".
    std::chrono::nanoseconds duration(std::string_view key,
                                      std::chrono::nanoseconds otherwise) const {
        const auto value =
            read(key, &T::as_duration_ns, static_cast<std::uint64_t>(otherwise.count()));
        if (value > static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count())) {
            fail(key, "is longer than 292 years");
        }
        return std::chrono::nanoseconds(static_cast<std::int64_t>(value));
    }
    // "4MiB".
    std::uint64_t size(std::string_view key, std::uint64_t otherwise) const {
        return read(key, &T::as_bytes, otherwise);
    }
    // Seconds since the epoch, of a date-time.
    std::int64_t seconds(std::string_view key, std::int64_t otherwise) const {
        return read(key, &T::as_seconds, otherwise);
    }
    // Absolute; relative ones start at the configuration file. The default is taken as it is.
    std::string path(std::string_view key, std::string_view otherwise) const {
        return own(read(key, &T::as_path, text(otherwise)));
    }
    // Absolute; relative ones start at the state directory. The default is taken as it is.
    std::string state_path(std::string_view key, std::string_view otherwise) const {
        return own(read(key, &T::as_state_path, text(otherwise)));
    }
    // One of a few words; the first of them is the default.
    std::string choice(std::string_view key, std::initializer_list<std::string_view> words) const {
        const std::string value = string(key, *words.begin());
        std::string listed;
        for (const std::string_view word : words) {
            if (value == word) return value;
            listed += (listed.empty() ? "\"" : ", \"") + std::string(word) + "\"";
        }
        fail(key, "must be one of " + listed);
    }

    // Arrays; an absent one is empty.
    std::vector<std::string> strings(std::string_view key) const {
        return list(key, &T::as_string, "strings");
    }
    std::vector<std::string> paths(std::string_view key) const {
        return list(key, &T::as_path, "paths");
    }

    // A table below this one; an absent one is empty(), and all its keys have their defaults.
    Config table(std::string_view key) const {
        const Config below(host(), member(key));
        if (!below.empty() && below.type() != POSTERN_NODE_TABLE) below.fail("must be a table");
        return below;
    }
    std::vector<Config> tables(std::string_view key) const {
        std::vector<Config> out;
        for (const postern_node* node : elements(key, "tables")) {
            out.emplace_back(host(), node);
            if (out.back().type() != POSTERN_NODE_TABLE) out.back().fail("must be a table");
        }
        return out;
    }
    // A key's value, whatever it is; empty() where it is absent.
    Config value(std::string_view key) const { return Config(host(), member(key)); }
    // Each of this array.
    std::vector<Config> elements() const {
        std::vector<Config> out;
        for (std::size_t i = 0; i < length(); ++i) {
            out.emplace_back(host(), required().element(node_, i));
        }
        return out;
    }
    // This value itself.
    std::string as_string() const {
        postern_str out{};
        throw_unless_read(required().as_string(node_, &out), "a string");
        return own(out);
    }
    // This table as a map whose keys are data.
    std::vector<std::pair<std::string, Config>> entries() const {
        std::vector<std::pair<std::string, Config>> out;
        for (std::size_t i = 0; i < length(); ++i) {
            postern_str key{};
            const postern_node* value = nullptr;
            check(required().entry(node_, i, &key, &value), "reading a table's entry");
            out.emplace_back(own(key), Config(host(), value));
        }
        return out;
    }

    // Another TOML file: see(const Config& root) reads it, as configure() reads its table, and may
    // keep nothing of it. What is wrong there is wrong with the configuration. [main]
    template <class See>
    void read_file(std::string_view path, See&& see) const {
        FileReader<See> reader{host(), see, {}, POSTERN_OK};
        reader.read(with_files(required()), path, nullptr);
        if (reader.rc == POSTERN_E_CONFIG) throw Error(reader.rc, "");
        if (reader.rc != POSTERN_OK) throw Error(reader.rc, std::string(path) + ": cannot be read");
    }
    // The same at any time, on a thread that may block; what is wrong, each a line with its place,
    // and nothing when it is good.
    template <class See>
    static std::vector<std::string> reread_file(Host host, std::string_view path, See&& see) {
        FileReader<See> reader{host, see, {}, POSTERN_OK};
        reader.read(with_files(Config(host, nullptr).required()), path, &FileReader<See>::keep);
        if (reader.rc != POSTERN_OK && reader.errors.empty()) {
            reader.errors.push_back(std::string(path) + ": cannot be read");
        }
        return std::move(reader.errors);
    }

    // Reports an error at a node, at this one, or at a key of it (at this one where the key is
    // absent); then leaves configure().
    [[noreturn]] void fail(const postern_node* node, std::string_view message) const {
        required().fail(node, text(message));
        throw Error(POSTERN_E_CONFIG, "");
    }
    [[noreturn]] void fail(std::string_view message) const { fail(node_, message); }
    [[noreturn]] void fail(std::string_view key, std::string_view message) const {
        const postern_node* node = member(key);
        fail(node != nullptr ? node : node_, std::string(key) + " " + std::string(message));
    }

private:
    using T = postern_config;
    template <class V>
    using Read = postern_rc (*T::*)(const postern_node*, V*);

    static std::string own(postern_str value) { return std::string(text(value)); }

    // The two callbacks of T::read_file and what they share. Neither lets an exception through.
    template <class See>
    struct FileReader {
        Host host;
        See& see;
        std::vector<std::string> errors;
        postern_rc rc;

        void read(const T& table, std::string_view path, void (*report)(void*, postern_str)) {
            rc = table.read_file(host.raw(), text(path), &show, report, this);
        }
        static postern_rc show(void* user, const postern_node* root) noexcept {
            auto& self = *static_cast<FileReader*>(user);
            try {
                self.see(static_cast<const Config&>(Config(self.host, root)));
                return POSTERN_OK;
            } catch (const Error& error) {
                return error.code();
            } catch (const std::bad_alloc&) {
                return POSTERN_E_NOMEM;
            } catch (...) {
                return POSTERN_E_INTERNAL;
            }
        }
        static void keep(void* user, postern_str error) noexcept {
            try {
                static_cast<FileReader*>(user)->errors.push_back(own(error));
            } catch (...) {  // the code still says that something was wrong
            }
        }
    };

    static const T& with_files(const T& table) {
        if (!POSTERN_HAS(&table, postern_config, read_file)) {
            throw Error(POSTERN_E_UNSUPPORTED, "the host reads no files for its plugins");
        }
        return table;
    }

    const postern_node* member(std::string_view key) const {
        return node_ == nullptr ? nullptr : required().member(node_, text(key));
    }

    template <class V>
    V read(std::string_view key, Read<V> as, V value) const {
        const postern_node* node = member(key);
        if (node != nullptr) throw_unless_read((required().*as)(node, &value), key);
        return value;
    }

    template <class V>
    V need(std::string_view key, Read<V> as) const {
        if (!has(key)) fail(key, "is required");
        return read(key, as, V{});
    }

    std::vector<const postern_node*> elements(std::string_view key, const char* of_what) const {
        std::vector<const postern_node*> out;
        const postern_node* array = member(key);
        if (array == nullptr) return out;
        if (required().type(array) != POSTERN_NODE_ARRAY) {
            fail(key, std::string("must be an array of ") + of_what);
        }
        for (std::size_t i = 0; i < required().length(array); ++i) {
            out.push_back(required().element(array, i));
        }
        return out;
    }

    std::vector<std::string> list(std::string_view key, Read<postern_str> as,
                                  const char* of_what) const {
        std::vector<std::string> out;
        for (const postern_node* node : elements(key, of_what)) {
            postern_str value{};
            throw_unless_read((required().*as)(node, &value), key);
            out.push_back(own(value));
        }
        return out;
    }

    static void throw_unless_read(postern_rc rc, std::string_view key) {
        if (rc == POSTERN_E_CONFIG) throw Error(rc, "");
        if (rc != POSTERN_OK) throw Error(rc, "reading " + std::string(key) + " failed");
    }

    const postern_node* node_;
};

}  // namespace postern::sdk
