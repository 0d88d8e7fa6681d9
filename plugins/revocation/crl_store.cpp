// SPDX-License-Identifier: Apache-2.0
#include "crl_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "malformed.h"
#include "text.h"

namespace postern::revocation {
namespace {

constexpr std::size_t kMostFiles = 10'000;

bool has_crl_suffix(const std::filesystem::path& path) {
    const auto suffix = path.extension();
    return suffix == ".crl" || suffix == ".pem" || suffix == ".der";
}

std::vector<std::string> list_directory(const std::string& directory) {
    std::vector<std::string> out;
    std::error_code error;
    std::filesystem::directory_iterator entries(directory, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const auto& path = entries->path();
        if (!has_crl_suffix(path) || path.filename().native().front() == '.') continue;
        if (out.size() == kMostFiles) throw Malformed("more than 10000 CRL files");
        out.push_back(path.native());
    }
    if (error) throw Malformed("cannot be listed: " + error.message());
    return out;
}

bool same_content(const std::vector<CrlRef>& a, const std::vector<CrlRef>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const CrlRef& x, const CrlRef& y) {
        return x->content() == y->content();
    });
}

bool usable(Age age) {
    return age != Age::NotYetValid && age != Age::Expired;
}

}  // namespace

CrlStore::CrlStore(sdk::Host host, const Settings& settings)
    : log_(host), clock_(host), crypto_(host), settings_(settings) {
    const sdk::Metrics metrics(host);
    failures_ = metrics.counter("crl_load_failures_total", "CRL files that could not be used");
    loads_ = metrics.counter("crl_loads_total", "CRLs read and put in force");
    serials_ = metrics.gauge("revoked_serials", "Serial numbers on the CRLs in force");
}

void CrlStore::load() {
    std::string at = settings_.crl_directory;
    try {
        for (const std::string& path : paths()) {
            at = path;
            static_cast<void>(read(path, files_[path]));
        }
    } catch (const Malformed& error) {
        throw sdk::Error(POSTERN_E_CONFIG, at + ": " + error.what());
    }
    next_full_read_ns_ =
        clock_.monotonic_ns() + static_cast<std::uint64_t>(settings_.crl_update_interval.count());
    publish();
    static_cast<void>(note_ages());
}

bool CrlStore::refresh() {
    const std::uint64_t now = clock_.monotonic_ns();
    const Reread reread = now >= next_full_read_ns_ ? Reread::All : Reread::Changed;
    if (reread == Reread::All) {
        next_full_read_ns_ =
            now + static_cast<std::uint64_t>(settings_.crl_update_interval.count());
    }
    bool changed = false;
    try {
        const std::vector<std::string> listed = paths();
        directory_failure_.clear();
        changed = forget_removed(listed);
        for (const std::string& path : listed) read_again(path, files_[path], reread, changed);
    } catch (const Malformed& error) {
        if (directory_failure_ != error.what())
            report_failure(settings_.crl_directory, error.what());
        directory_failure_ = error.what();
        for (auto& [path, file] : files_) read_again(path, file, reread, changed);
    }
    if (changed) publish();
    const bool aged = note_ages();
    return changed || aged;
}

std::shared_ptr<const CrlSet> CrlStore::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

std::vector<std::string> CrlStore::paths() const {
    std::vector<std::string> out;
    if (!settings_.crl_directory.empty()) out = list_directory(settings_.crl_directory);
    out.insert(out.end(), settings_.crl_files.begin(), settings_.crl_files.end());
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

bool CrlStore::read(const std::string& path, File& file) {
    const std::uint64_t began_ns = clock_.monotonic_ns();
    file.tried = stamp_of(path);
    LoadedFile loaded = load_crl_file(path, crypto_);
    file.tried = loaded.stamp;
    // The same bytes keep the CRL that has its signature checked already.
    if (!file.crls.empty() && same_content(file.crls, loaded.crls)) return false;
    file.crls = std::move(loaded.crls);
    for (const CrlRef& crl : file.crls) report_loaded(*crl, began_ns);
    loads_.add(static_cast<std::int64_t>(file.crls.size()));
    return true;
}

void CrlStore::read_again(const std::string& path, File& file, Reread reread, bool& changed) {
    const bool same = stamp_of(path) == file.tried;
    if (same && (reread == Reread::Changed || !file.tried)) return;
    try {
        if (read(path, file)) changed = true;
    } catch (const Malformed& error) {
        report_failure(path,
                       std::string(error.what()) +
                           (file.crls.empty() ? "" : "; what was read before stays in force"));
    }
}

// A file taken out of the directory is taken out of force. One that crl_files names is not: it is
// read again in vain, and stays.
bool CrlStore::forget_removed(const std::vector<std::string>& listed) {
    bool changed = false;
    for (auto file = files_.begin(); file != files_.end();) {
        if (std::binary_search(listed.begin(), listed.end(), file->first)) {
            ++file;
            continue;
        }
        log_.notice("CRL file removed, its CRLs are no longer in force: " + file->first);
        changed = changed || !file->second.crls.empty();
        file = files_.erase(file);
    }
    return changed;
}

bool CrlStore::note_ages() {
    const std::int64_t now = clock_.wall_seconds();
    bool changed = false;
    std::map<const Crl*, Age> ages;
    const std::shared_ptr<const CrlSet> set = current();
    for (const CrlRef& crl : set->all()) {
        const CrlFacts& facts = crl->facts();
        const Age age = age_of(facts, now, settings_.max_stale);
        ages.emplace(crl.get(), age);
        const auto before = ages_.find(crl.get());
        if (before != ages_.end() && before->second == age) continue;
        changed = changed || (before != ages_.end() && usable(before->second) != usable(age));
        const std::string which =
            "CRL " + crl->path() + " of " + name_text(Bytes(facts.issuer)) + " ";
        const std::string until = time_text(facts.next_update);
        if (age == Age::Expiring) {
            log_.warning(which + "is due to be replaced: nextUpdate is " + until);
        } else if (age == Age::Stale) {
            log_.warning(which + "is stale since " + until + ", still used within max_stale");
        } else if (age == Age::Expired) {
            log_.error(which + "is no longer used: its nextUpdate was " + until);
        } else if (age == Age::NotYetValid) {
            log_.error(which + "is not used yet: its thisUpdate is " +
                       time_text(facts.this_update));
        }
    }
    ages_ = std::move(ages);
    return changed;
}

void CrlStore::publish() {
    std::vector<CrlRef> crls;
    std::int64_t serials = 0;
    for (const auto& [path, file] : files_) {
        for (const CrlRef& crl : file.crls) {
            crls.push_back(crl);
            serials += static_cast<std::int64_t>(crl->index().size());
        }
    }
    serials_.add(serials - serials_shown_);
    serials_shown_ = serials;
    auto set = std::make_shared<const CrlSet>(std::move(crls));
    const std::lock_guard lock(mutex_);
    current_ = std::move(set);
}

void CrlStore::report_loaded(const Crl& crl, std::uint64_t began_ns) const {
    const CrlFacts& facts = crl.facts();
    const std::uint64_t ms = (clock_.monotonic_ns() - began_ns) / 1'000'000;
    log_.info("CRL loaded", {{"file", crl.path()},
                             {"issuer", name_text(Bytes(facts.issuer))},
                             {"entries", std::to_string(facts.entries)},
                             {"this_update", time_text(facts.this_update)},
                             {"next_update", time_text(facts.next_update)},
                             {"index_bytes", std::to_string(crl.index().memory())},
                             {"ms", std::to_string(ms)}});
}

void CrlStore::report_failure(const std::string& path, const std::string& why) {
    failures_.add();
    log_.error("CRL file " + path + ": " + why);
}

}  // namespace postern::revocation
