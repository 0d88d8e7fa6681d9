// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crl_set.h"
#include "postern/plugin.hpp"
#include "settings.h"

namespace postern::revocation {

// Reads the configured CRLs and notices when they change. Whatever cannot be read keeps what was
// read before, and is said once. load() and refresh() block and are never called at once;
// current() is [any].
class CrlStore {
public:
    CrlStore(sdk::Host host, const Settings& settings);

    // All of it must be readable: throws sdk::Error that names the file. [main]
    void load();
    // Reads what changed since, by stat(), or everything once crl_update_interval has passed. True
    // when answers may differ: a CRL came, went, or passed one of its times. On a pool thread.
    bool refresh();

    std::shared_ptr<const CrlSet> current() const;

private:
    struct File {
        std::optional<FileStamp> tried;  // the stamp of the last attempt, good or not
        std::vector<CrlRef> crls;        // of the last good one
    };
    enum class Reread : bool { Changed, All };

    std::vector<std::string> paths() const;
    // False when it stays as it was.
    bool read(const std::string& path, File& file);
    void read_again(const std::string& path, File& file, Reread reread, bool& changed);
    bool forget_removed(const std::vector<std::string>& listed);
    bool note_ages();
    void publish();
    void report_loaded(const Crl& crl, std::uint64_t began_ns) const;
    void report_failure(const std::string& path, const std::string& why);

    sdk::Log log_;
    sdk::Clock clock_;
    sdk::Crypto crypto_;
    sdk::Metric failures_;
    sdk::Metric loads_;
    sdk::Metric serials_;
    const Settings& settings_;
    std::map<std::string, File> files_;
    std::map<const Crl*, Age> ages_;
    std::uint64_t next_full_read_ns_ = 0;
    std::string directory_failure_;
    std::int64_t serials_shown_ = 0;
    mutable std::mutex mutex_;
    std::shared_ptr<const CrlSet> current_;
};

}  // namespace postern::revocation
