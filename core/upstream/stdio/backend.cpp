#include "core/upstream/stdio/backend.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <sys/random.h>

#include "core/base/bytes.h"
#include "core/base/endpoint.h"
#include "core/base/log.h"
#include "core/upstream/stdio/session.h"
#include "core/upstream/stdio/shared.h"

namespace postern::upstream {
namespace {

constexpr std::uint64_t kLongestBackOffNs = 30 * config::kSecond;
constexpr std::uint64_t kForgetDeathsNs = 60 * config::kSecond;
// How long nobody has waited for a session, or held its stream open, that may be ended for another
// of the same identity: its client has most likely left without a DELETE, as many do, and one that
// has not starts anew after a 404.
constexpr std::uint64_t kMayBeLeftNs = config::kSecond;

// Starts in a row, and then for each second: of an identity, and of all. As many as there can be
// children may come at once, since after a restart or an outage they do.
constexpr std::uint64_t kLeastBurst = 16;
constexpr std::uint64_t kLeastPerSecond = 4;
constexpr std::uint64_t kStartsLoggedNs = 10 * config::kSecond;

StdioStartRate start_rate(std::size_t children) {
    return {std::max<std::uint64_t>(kLeastBurst, children),
            std::max<std::uint64_t>(kLeastPerSecond, children / 8)};
}

// 256 bits from the kernel; empty if it has none to give.
std::string new_session_id() {
    std::array<std::uint8_t, 32> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return {};
    return to_hex(bytes);
}

StdioRefusal too_many(std::string detail) {
    return {POSTERN_REASON_OVERLOADED, std::move(detail), 1};
}

// Given away, not copied: the last reference is let go of on the loop, where the child lives.
void end_there(std::shared_ptr<StdioHome> home, std::string why) {
    net::Loop& loop = home->loop();
    loop.post([home = std::move(home), why = std::move(why)] { home->end(why); });
}

}  // namespace

StdioTenant tenant_of(const net::Caller& caller) {
    const tls::Identity& identity = caller.identity();
    StdioTenant tenant;
    tenant.key = identity.name + '\n' + identity.anchor;
    tenant.peer = endpoint_text(caller.peer());
    tenant.child.name = identity.name;
    const tls::ChainRef chain = caller.chain();
    if (!chain || chain->size() == 0) return tenant;
    const tls::Certificate& leaf = chain->leaf();
    tenant.child.subject = leaf.subject_text;
    tenant.child.fingerprint = to_hex(leaf.sha256);
    for (const auto& name : leaf.san_uri) tenant.child.sans.push_back("URI:" + name);
    for (const auto& name : leaf.san_dns) tenant.child.sans.push_back("DNS:" + name);
    for (const auto& name : leaf.san_email) tenant.child.sans.push_back("email:" + name);
    return tenant;
}

StdioBackend::StdioBackend(Settings settings, StartChild start)
    : settings_(std::move(settings)),
      start_(std::move(start)),
      starts_(start_rate(settings_.max_children)) {}

std::shared_ptr<StdioSession> StdioBackend::find_session(const std::string& id,
                                                         const std::string& tenant) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second->tenant().key != tenant) return nullptr;
    return found->second;
}

StdioBackend::Found<StdioSession> StdioBackend::open_session(const net::Caller& caller) {
    std::string id = new_session_id();
    if (id.empty()) return StdioRefusal{POSTERN_REASON_OVERLOADED, "no random bytes", 1};
    auto session =
        std::make_shared<StdioSession>(weak_from_this(), caller.loop(), tenant_of(caller), id);
    std::shared_ptr<StdioHome> evicted;
    {
        const std::lock_guard lock(mutex_);
        const std::string& key = session->tenant().key;
        if (auto full = too_many_starts(key, caller.loop().now_ns())) return *full;
        if (auto full = make_room(key, caller.loop().now_ns(), evicted)) return *full;
        sessions_.emplace(std::move(id), session);
        ++tenant_at(key).homes;
        ++homes_;
    }
    if (evicted) end_there(std::move(evicted), "to make room for a new one of the same identity");
    session->begin();
    return session;
}

StdioBackend::Found<StdioShared> StdioBackend::shared_child(const net::Caller& caller) {
    const tls::Identity& identity = caller.identity();
    const std::string key = identity.name + '\n' + identity.anchor;
    std::shared_ptr<StdioShared> shared;
    std::shared_ptr<StdioHome> evicted;
    {
        const std::lock_guard lock(mutex_);
        const auto tenant = tenants_.find(key);
        if (tenant != tenants_.end() && tenant->second.shared) return tenant->second.shared;
        if (auto full = make_room(key, caller.loop().now_ns(), evicted)) return *full;
        shared = std::make_shared<StdioShared>(weak_from_this(), caller.loop(), tenant_of(caller));
        tenant_at(key).shared = shared;
        ++tenant_at(key).homes;
        ++homes_;
    }
    if (evicted) end_there(std::move(evicted), "to make room for a new one of the same identity");
    shared->begin();
    return shared;
}

// One identity may take half of the children, so that it cannot take all, and have as many more on
// their way out: those it waits for itself, before anybody else does.
std::optional<StdioRefusal> StdioBackend::make_room(const std::string& tenant, std::uint64_t now_ns,
                                                    std::shared_ptr<StdioHome>& evicted) {
    if (retired_) return StdioRefusal{POSTERN_REASON_SHUTDOWN, "its route is no longer served"};
    forget_quiet_tenants(now_ns);
    const std::size_t share = std::max<std::size_t>(1, (settings_.max_children + 1) / 2);
    const auto found = tenants_.find(tenant);
    const std::size_t own = found == tenants_.end() ? 0 : found->second.homes;
    const std::size_t own_ending = found == tenants_.end() ? 0 : found->second.ending;
    if (own_ending >= share) {
        return too_many("max_children: as many of the identity's are still on their way out");
    }
    if (ending_.size() >= settings_.max_children) {
        return too_many("max_children: as many are still on their way out");
    }
    if (homes_ < settings_.max_children && own < share) return std::nullopt;
    evicted = idle_session_of(tenant, now_ns);
    if (evicted) return std::nullopt;
    if (own >= share) return too_many("max_children: the identity has half of them");
    return too_many("max_children: all are in use");
}

std::shared_ptr<StdioHome> StdioBackend::idle_session_of(const std::string& tenant,
                                                         std::uint64_t now_ns) {
    std::shared_ptr<StdioHome> oldest;
    for (const auto& [id, session] : sessions_) {
        if (session->tenant().key != tenant || session->attended()) continue;
        if (session->last_used_ns() + kMayBeLeftNs > now_ns) continue;
        if (!oldest || session->last_used_ns() < oldest->last_used_ns()) oldest = session;
    }
    if (oldest) {
        keep_ending(*oldest);
        remove(*oldest);
    }
    return oldest;
}

StdioBackend::Kept StdioBackend::leave(StdioHome& home, bool child_remains) {
    const auto self = home.shared_from_this();  // let go of after the lock
    const std::lock_guard lock(mutex_);
    if (closed_) return Kept::no;
    if (child_remains) {
        keep_ending(home);
    } else {
        let_go(home);
    }
    remove(home);
    return child_remains ? Kept::yes : Kept::no;
}

void StdioBackend::keep_ending(StdioHome& home) {
    if (!ending_.emplace(&home, home.shared_from_this()).second) return;
    ++tenant_at(home.tenant().key).ending;
}

void StdioBackend::let_go(StdioHome& home) {
    if (ending_.erase(&home) == 0) return;
    const auto tenant = tenants_.find(home.tenant().key);
    if (tenant != tenants_.end()) --tenant->second.ending;
}

void StdioBackend::remove(StdioHome& home) {
    const auto tenant = tenants_.find(home.tenant().key);
    bool found = !home.id().empty() && sessions_.erase(home.id()) > 0;
    if (home.id().empty() && tenant != tenants_.end() && tenant->second.shared.get() == &home) {
        tenant->second.shared = nullptr;
        found = true;
    }
    if (!found) return;
    --homes_;
    if (tenant == tenants_.end()) return;
    --tenant->second.homes;
}

void StdioBackend::child_left(StdioHome& home) {
    const auto self = home.shared_from_this();
    const std::lock_guard lock(mutex_);
    if (!closed_) let_go(home);
}

std::unique_ptr<StdioChild> StdioBackend::start_child(net::Loop& loop,
                                                      const ChildIdentity& identity,
                                                      ChildEvents& events) const {
    StartChild start;
    {
        const std::lock_guard lock(mutex_);
        start = start_;
    }
    return start(loop, identity, events);
}

void StdioBackend::start_with(StartChild start) {
    const std::lock_guard lock(mutex_);
    start_ = std::move(start);
}

std::optional<StdioRefusal> StdioBackend::admit_start(const std::string& tenant,
                                                      std::uint64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (auto refusal = too_many_starts(tenant, now_ns)) return refusal;
    tenant_at(tenant).starts.take(now_ns);
    starts_.take(now_ns);
    return std::nullopt;
}

StdioBackend::Tenant& StdioBackend::tenant_at(const std::string& tenant) {
    const std::size_t share = std::max<std::size_t>(1, (settings_.max_children + 1) / 2);
    return tenants_.try_emplace(tenant, start_rate(share)).first->second;
}

// Said once in a while for all: a client that starts children in a loop should not fill the log.
std::optional<StdioRefusal> StdioBackend::too_many_starts(const std::string& tenant,
                                                          std::uint64_t now_ns) {
    const auto found = tenants_.find(tenant);
    const std::uint64_t own = found == tenants_.end() ? 0 : found->second.starts.wait_ns(now_ns);
    const std::uint64_t wait = std::max(own, starts_.wait_ns(now_ns));
    if (wait == 0) return std::nullopt;
    StdioRefusal refusal;
    refusal.reason = own > 0 ? POSTERN_REASON_RATE_LIMITED : POSTERN_REASON_OVERLOADED;
    refusal.detail = own > 0 ? "the identity starts children too often"
                             : "children of this route are started too often";
    refusal.retry_after_s = (wait + config::kSecond - 1) / config::kSecond;
    refusal.level = LogLevel::debug;
    if (starts_logged_ns_ == 0 || now_ns >= starts_logged_ns_ + kStartsLoggedNs) {
        starts_logged_ns_ = now_ns;
        refusal.level = LogLevel::warning;
    }
    return refusal;
}

std::uint64_t StdioBackend::back_off_ns(const std::string& tenant, std::uint64_t now_ns) const {
    const std::lock_guard lock(mutex_);
    const auto found = tenants_.find(tenant);
    if (found == tenants_.end() || found->second.start_after_ns <= now_ns) return 0;
    return found->second.start_after_ns - now_ns;
}

// By identity, so that nobody holds up another. The first early death costs nothing: the second in
// a row looks like the command's own.
void StdioBackend::child_died(const std::string& tenant, DiedYoung young, std::uint64_t now_ns) {
    std::size_t deaths = 0;
    {
        const std::lock_guard lock(mutex_);
        Tenant& entry = tenant_at(tenant);
        const bool in_a_row = now_ns < entry.last_death_ns + kForgetDeathsNs;
        entry.last_death_ns = now_ns;
        deaths = young == DiedYoung::no ? 0 : (in_a_row ? entry.young_deaths : 0) + 1;
        entry.young_deaths = deaths;
        if (deaths > 1) {
            const std::uint64_t wait = config::kSecond << std::min<std::size_t>(deaths - 2, 5);
            entry.start_after_ns = now_ns + std::min(wait, kLongestBackOffNs);
        }
    }
    if (deaths != 2) return;
    log::write(LogLevel::warning, "upstream",
               "children end soon after they are started: the next ones wait",
               {{"route", settings_.route},
                {"identity", std::string_view(tenant).substr(0, tenant.find('\n'))}});
}

void StdioBackend::forget_quiet_tenants(std::uint64_t now_ns) {
    if (tenants_.size() < 2 * settings_.max_children) return;
    std::erase_if(tenants_, [&](const auto& entry) {
        return entry.second.homes == 0 && entry.second.ending == 0 &&
               entry.second.starts.is_full(now_ns) &&
               now_ns > entry.second.last_death_ns + kForgetDeathsNs;
    });
}

// A child that is there speaks for itself: no verdict on one before it keeps its clients away.
StdioBackend::Speech StdioBackend::speech(const std::string& tenant, std::uint64_t now_ns) const {
    const std::lock_guard lock(mutex_);
    const auto found = tenants_.find(tenant);
    if (found == tenants_.end() || now_ns >= found->second.speech_until_ns) return {};
    if (found->second.speech.era == Era::legacy && found->second.shared) return {};
    return found->second.speech;
}

void StdioBackend::learn(const std::string& tenant, Speech speech, std::uint64_t until_ns) {
    const std::lock_guard lock(mutex_);
    const auto found = tenants_.find(tenant);
    if (found == tenants_.end()) return;
    found->second.speech = std::move(speech);
    found->second.speech_until_ns = until_ns;
}

std::vector<std::shared_ptr<StdioHome>> StdioBackend::all_homes() const {
    std::vector<std::shared_ptr<StdioHome>> all;
    for (const auto& [id, session] : sessions_) all.push_back(session);
    for (const auto& [key, tenant] : tenants_) {
        if (tenant.shared) all.push_back(tenant.shared);
    }
    return all;
}

void StdioBackend::retire() {
    std::vector<std::shared_ptr<StdioHome>> homes;
    {
        const std::lock_guard lock(mutex_);
        retired_ = true;
        homes = all_homes();
    }
    for (auto& home : homes) {
        net::Loop& loop = home->loop();
        loop.post([alive = std::move(home)] { alive->retire(); });
    }
}

// Each goes where it lives, and is let go of there: its child belongs to that loop. What its
// child does after that, the child's own room sees to.
void StdioBackend::close() {
    std::vector<std::shared_ptr<StdioHome>> homes;
    {
        const std::lock_guard lock(mutex_);
        retired_ = closed_ = true;
        homes = all_homes();
        for (auto& [key, home] : ending_) homes.push_back(home);
        sessions_.clear();
        tenants_.clear();
        ending_.clear();
        homes_ = 0;
    }
    for (auto& home : homes) end_there(std::move(home), "its upstream is gone");
}

std::size_t StdioBackend::homes() const {
    const std::lock_guard lock(mutex_);
    return homes_ + ending_.size();
}

}  // namespace postern::upstream
