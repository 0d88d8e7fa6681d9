#include "core/cli/password.h"

#include <array>
#include <string_view>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/unique_fd.h"
#include "core/cli/printable.h"

namespace postern::cli {
namespace {

constexpr std::size_t kMaxPassword = 1024;

// Terminal echo off for as long as this lives.
class SilentTerminal {
public:
    explicit SilentTerminal(int fd) : fd_(fd) {
        if (tcgetattr(fd_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
    }
    ~SilentTerminal() {
        if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

private:
    int fd_;
    termios before_{};
    bool changed_ = false;
};

bool say(int terminal, std::string_view text) {
    return ::write(terminal, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

Result<Secret> first_line(ByteView content, const std::string& where) {
    auto text = as_text(content);
    text = text.substr(0, text.find_first_of("\r\n"));
    if (text.empty()) return configuration_error(where + ": the password is empty");
    if (text.size() > kMaxPassword)
        return configuration_error(where + ": the password is longer than 1024 bytes");
    if (text.find('\0') != text.npos)
        return configuration_error(where + ": the password holds a zero byte");
    return Secret(as_bytes(text));
}

Result<Secret> ask(int terminal, const std::string& question) {
    const SilentTerminal silent(terminal);
    std::array<char, kMaxPassword + 1> line;
    if (!say(terminal, question)) return internal_error("the terminal cannot be written to");
    const auto length = ::read(terminal, line.data(), line.size());
    const bool asked = say(terminal, "\n");
    auto password =
        asked && length > 0
            ? first_line(as_bytes({line.data(), static_cast<std::size_t>(length)}), "the terminal")
            : Result<Secret>(configuration_error("the terminal gave no password"));
    gnutls_memset(line.data(), 0, line.size());
    return password;
}

UniqueFd open_terminal() {
    return UniqueFd(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
}

Error nobody_to_ask(const std::string& what, const std::string& flag) {
    return configuration_error(printable(what) + ": a password is needed; give it with " + flag +
                               " FILE, there is no terminal to ask on");
}

}  // namespace

Result<Secret> read_password_file(const std::string& path) {
    auto content = read_file(path, 64 * 1024);
    if (!content) return configuration_error(std::move(content).error().message);
    auto password = first_line(*content, printable(path));
    gnutls_memset(content->data(), 0, content->size());
    return password;
}

Result<Secret> PasswordSource::existing(const std::string& what) const {
    if (!file.empty()) return read_password_file(file);
    const auto terminal = open_terminal();
    if (!terminal) return nobody_to_ask(what, flag);
    return ask(terminal.get(), "Password of " + printable(what) + ": ");
}

Result<Secret> PasswordSource::chosen(const std::string& what) const {
    if (!file.empty()) return read_password_file(file);
    const auto terminal = open_terminal();
    if (!terminal) return nobody_to_ask(what, flag);
    auto first = ask(terminal.get(), "New password for " + printable(what) + ": ");
    if (!first) return first;
    const auto second = ask(terminal.get(), "Once more: ");
    if (!second) return second.error();
    if (as_text(first->bytes()) != as_text(second->bytes()))
        return configuration_error("the two passwords differ");
    return first;
}

Result<std::optional<Secret>> PasswordSource::if_given() const {
    if (file.empty()) return std::optional<Secret>();
    auto password = read_password_file(file);
    if (!password) return password.error();
    return std::optional<Secret>(std::move(*password));
}

}  // namespace postern::cli
