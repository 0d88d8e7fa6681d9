#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/cli/pin_line.h"

namespace postern::cli {

// One file of the store: what `postern pin` and first uses write holds one pin, what people put
// there may hold several, or certificates.
struct StoredFile {
    std::string name;  // "laptop.pin"
    bool pending = false;
    bool certificates = false;
    std::vector<PinLine> pins;
    std::string problem;  // why it makes no sense; then it holds nothing
};

inline constexpr const char* kPinEnding = ".pin";
inline constexpr const char* kPendingEnding = ".pending";

// The plugin's directory of pins, changed under the eyes of a running gate: every change is one
// link(), rename() or unlink() of a whole file, and has reached the disk when the function returns.
class PinStore {
public:
    explicit PinStore(std::string directory) : directory_(std::move(directory)) {}

    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] std::string path_of(const std::string& name) const {
        return directory_ + "/" + name;
    }

    // In the order of their names; none where there is no directory.
    [[nodiscard]] Result<std::vector<StoredFile>> read() const;

    // Makes the directory where there is none, and keeps other commands out until it is dropped.
    // The gate needs no lock: its first uses make files of their own.
    [[nodiscard]] Result<UniqueFd> lock() const;

    // Under the lock. A file is never replaced unless told to.
    enum class Replace : bool { no, yes };
    [[nodiscard]] Result<void> write(const std::string& name, const PinLine& pin,
                                     Replace replace) const;
    [[nodiscard]] Result<void> remove(const std::string& name) const;
    [[nodiscard]] Result<std::string> approve(const std::string& name) const;  // its new name

private:
    [[nodiscard]] Result<void> sync() const;
    void sweep() const;

    std::string directory_;
};

}  // namespace postern::cli
