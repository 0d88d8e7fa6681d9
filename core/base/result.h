#pragma once

#include <string>
#include <utility>
#include <variant>

namespace postern {

// What went wrong, in words for people, and the exit code that a command ends with.
enum class Fault {
    refused = 1,        // a clear no
    configuration = 2,  // wrong usage, configuration or files named in it
    internal = 3,       // a fault while doing it
};

struct Error {
    Fault fault = Fault::internal;
    std::string message;  // one line: what is wrong, where, and what would be right
};

[[nodiscard]] inline Error configuration_error(std::string message) {
    return {Fault::configuration, std::move(message)};
}
[[nodiscard]] inline Error internal_error(std::string message) {
    return {Fault::internal, std::move(message)};
}

// A value or the reason why there is none. Core returns it wherever something can fail; exceptions
// live only in the adapters to Poco and toml++, which turn them into an Error.
template <class T>
class [[nodiscard]] Result {
public:
    // Implicit on purpose: `return value;` and `return error;` both read as they should.
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // Only when ok().
    T& value() & { return *std::get_if<0>(&state_); }
    const T& value() const& { return *std::get_if<0>(&state_); }
    T&& value() && { return std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // Only when not ok().
    const Error& error() const& { return *std::get_if<1>(&state_); }
    Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), ok_(false) {}

    [[nodiscard]] bool ok() const { return ok_; }
    explicit operator bool() const { return ok_; }
    const Error& error() const& { return error_; }
    Error&& error() && { return std::move(error_); }

private:
    Error error_;
    bool ok_ = true;
};

}  // namespace postern
