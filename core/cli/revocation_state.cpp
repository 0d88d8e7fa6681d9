#include "core/cli/revocation_state.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/nearest.h"
#include "core/base/units.h"
#include "core/cli/printable.h"
#include "core/cli/serial_number.h"
#include "core/cli/validity.h"

namespace postern::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxState = 256 * 1024 * 1024;

struct ReasonRow {
    RevocationReason reason;
    const char* name;
};
constexpr std::array<ReasonRow, 9> kReasons = {{
    {RevocationReason::unspecified, "unspecified"},
    {RevocationReason::key_compromise, "keyCompromise"},
    {RevocationReason::ca_compromise, "cACompromise"},
    {RevocationReason::affiliation_changed, "affiliationChanged"},
    {RevocationReason::superseded, "superseded"},
    {RevocationReason::cessation_of_operation, "cessationOfOperation"},
    {RevocationReason::certificate_hold, "certificateHold"},
    {RevocationReason::privilege_withdrawn, "privilegeWithdrawn"},
    {RevocationReason::aa_compromise, "aACompromise"},
}};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Error damaged(const std::string& path, const std::string& what) {
    return configuration_error(printable(path) + ": " + what +
                               "; this is what postern cert revoke wrote, restore it from a copy");
}

const std::string* text_member(const Json& entry, const char* key) {
    const auto found = entry.find(key);
    return found == entry.end() ? nullptr : found->get_ptr<const std::string*>();
}

Result<Revocation> parse_revocation(const Json& entry, const std::string& path) {
    if (!entry.is_object()) return damaged(path, "an entry of \"revoked\" is not an object");
    const auto* serial = text_member(entry, "serial");
    const auto* reason = text_member(entry, "reason");
    const auto* time = text_member(entry, "revoked_at");
    if (!serial || !reason || !time)
        return damaged(path, "an entry of \"revoked\" lacks serial, reason or revoked_at");
    auto number = parse_serial("serial", *serial);
    const auto code = parse_reason(*reason);
    const auto seconds = parse_time("revoked_at", *time);
    if (!number) return damaged(path, number.error().message);
    if (!code) return damaged(path, code.error().message);
    if (!seconds) return damaged(path, seconds.error().message);
    return Revocation{std::move(*number), *code, *seconds};
}

}  // namespace

Result<RevocationReason> parse_reason(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& row : kReasons) {
        if (lower(text) == lower(row.name)) return row.reason;
        names.emplace_back(row.name);
    }
    const auto meant = nearest(text, names);
    return configuration_error(
        "--reason: unknown reason \"" + printable(text) + "\"; " +
        (meant ? "did you mean " + *meant + "?"
               : "one of unspecified, keyCompromise, cACompromise, affiliationChanged, superseded, "
                 "cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise"));
}

std::string reason_name(RevocationReason reason) {
    for (const auto& row : kReasons)
        if (row.reason == reason) return row.name;
    return "unspecified";
}

const Revocation* RevocationState::find(ByteView serial) const {
    const auto found = std::find_if(revoked.begin(), revoked.end(), [&](const Revocation& each) {
        return std::equal(each.serial.begin(), each.serial.end(), serial.begin(), serial.end());
    });
    return found == revoked.end() ? nullptr : &*found;
}

Result<UniqueFd> lock_state(const std::string& path) {
    auto directory = std::filesystem::path(path).parent_path();
    if (directory.empty()) directory = ".";
    UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::flock(fd.get(), LOCK_EX) != 0)
        return configuration_error(printable(directory.string()) +
                                   ": cannot be locked: " + std::strerror(errno));
    return fd;
}

Result<RevocationState> read_state(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) return RevocationState();
    const auto content = read_file(path, kMaxState);
    if (!content) return configuration_error(content.error().message);
    const auto document = Json::parse(content->begin(), content->end(), nullptr, false);
    if (!document.is_object()) return damaged(path, "is not a JSON object");
    const auto number = document.find("last_crl_number");
    const auto revoked = document.find("revoked");
    if (number == document.end() || !number->is_number_unsigned())
        return damaged(path, "\"last_crl_number\" is not a number");
    if (revoked == document.end() || !revoked->is_array())
        return damaged(path, "\"revoked\" is not an array");

    RevocationState state;
    state.last_crl_number = number->get<std::uint64_t>();
    for (const auto& entry : *revoked) {
        auto revocation = parse_revocation(entry, path);
        if (!revocation) return revocation.error();
        state.revoked.push_back(std::move(*revocation));
    }
    return state;
}

Result<void> write_state(const std::string& path, const RevocationState& state) {
    Json revoked = Json::array();
    for (const auto& each : state.revoked)
        revoked.push_back({{"serial", serial_text(each.serial)},
                           {"reason", reason_name(each.reason)},
                           {"revoked_at", format_time(each.revoked_at)}});
    const Json document = {{"last_crl_number", state.last_crl_number},
                           {"revoked", std::move(revoked)}};
    return write_file(path, as_bytes(document.dump(2) + "\n"), 0644, Replace::yes);
}

}  // namespace postern::cli
