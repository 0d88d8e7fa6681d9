// SPDX-License-Identifier: Apache-2.0
#include "crl_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "der_reader.h"
#include "malformed.h"

namespace postern::revocation {
namespace {

FileStamp to_stamp(const struct stat& status) noexcept {
    const auto ns = [](const timespec& time) {
        return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    return FileStamp{status.st_dev, status.st_ino, status.st_size, ns(status.st_mtim),
                     ns(status.st_ctim)};
}

Malformed system_error(const char* what, int error) {
    return Malformed(std::string(what) + ": " + std::generic_category().message(error));
}

// O_NONBLOCK, so that a FIFO of that name cannot hold the caller up.
int open_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) throw system_error("cannot be opened", errno);
    return fd;
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return to_stamp(status);
}

FileDescriptor::~FileDescriptor() {
    ::close(fd_);
}

CrlFile::CrlFile(const std::string& path) : fd_(open_file(path)) {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) throw system_error("cannot be looked at", errno);
    if (!S_ISREG(status.st_mode)) throw Malformed("not a regular file");
    if (static_cast<std::uint64_t>(status.st_size) > kMostFileBytes) {
        throw Malformed("larger than 256 MiB");
    }
    if (status.st_size == 0) throw Malformed("empty");
    stamp_ = to_stamp(status);

    std::uint8_t first = 0;
    if (::pread(fd_.get(), &first, 1, 0) != 1) throw Malformed("cannot be read");
    // '0' may start a text before a PEM block, but no text has a control character after it.
    std::uint8_t second = 0;
    const bool der =
        first == tag::kSequence && ::pread(fd_.get(), &second, 1, 1) == 1 && second >= 0x80;
    if (!der) {
        pem_.emplace([this](std::uint8_t* out, std::size_t room) { return read(out, room); });
    }
}

Input* CrlFile::next(Observer observer) {
    if (input_ && !input_->at_end()) {
        throw Malformed::at(input_->offset(), "bytes after the CRL");
    }
    if (pem_ ? !pem_->next_block() : count_ != 0) {
        if (count_ == 0) throw Malformed("neither DER nor PEM with \"-----BEGIN X509 CRL-----\"");
        return nullptr;
    }
    ++count_;
    observer_ = std::move(observer);
    input_.emplace([this](std::uint8_t* out, std::size_t room) {
        const std::size_t got = pem_ ? pem_->read(out, room) : read(out, room);
        if (observer_) observer_(Bytes(out, got));
        return got;
    });
    return &*input_;
}

std::size_t CrlFile::read(std::uint8_t* out, std::size_t room) {
    while (true) {
        const ssize_t got = ::read(fd_.get(), out, room);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw system_error("cannot be read", errno);
        bytes_read_ += static_cast<std::uint64_t>(got);
        // It may have grown since it was opened.
        if (bytes_read_ > kMostFileBytes) throw Malformed("larger than 256 MiB");
        return static_cast<std::size_t>(got);
    }
}

}  // namespace postern::revocation
