// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "input.h"
#include "pem_reader.h"

namespace postern::revocation {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{256} * 1024 * 1024;

// What stat() says of a file. A file that is written or replaced has another stamp.
struct FileStamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
// Nothing when there is no such file, or it may not be looked at.
std::optional<FileStamp> stamp_of(const std::string& path);

class FileDescriptor {
public:
    explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor();

    int get() const noexcept { return fd_; }

private:
    int fd_;
};

// A file of one CRL in DER, or of any number in PEM, read in pieces. It is not mapped: a file that
// is cut short while it is read must be an error, not a SIGBUS. Throws Malformed. Blocks.
class CrlFile {
public:
    explicit CrlFile(const std::string& path);

    // As of opening.
    const FileStamp& stamp() const noexcept { return stamp_; }

    // Sees the bytes of one CRL, in order.
    using Observer = std::function<void(Bytes)>;

    // Steps to the next CRL, or answers nullptr after the last. What was left of the one before is
    // an error. A file without any is one too.
    Input* next(Observer observer = nullptr);

private:
    std::size_t read(std::uint8_t* out, std::size_t room);

    FileDescriptor fd_;
    FileStamp stamp_;
    std::uint64_t bytes_read_ = 0;
    std::optional<PemReader> pem_;
    std::optional<Input> input_;
    Observer observer_;
    std::size_t count_ = 0;
};

}  // namespace postern::revocation
