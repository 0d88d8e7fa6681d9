#include "core/cli/description_output.h"

#include <algorithm>

#include "core/base/units.h"
#include "core/cli/printable.h"
#include "core/cli/validity.h"

namespace postern::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumn = 22;
constexpr std::size_t kMaxListedEntries = 20;

std::string line(std::string_view label, std::string_view value) {
    if (value.empty()) return {};
    std::string text(label);
    text += ':';
    text.resize(std::max(kColumn, text.size() + 1), ' ');
    return text + printable(value) + "\n";
}

std::string joined(const std::vector<std::string>& values) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : ", ") + value;
    return text;
}

std::int64_t days_between(std::int64_t from, std::int64_t to) {
    return (to - from) / kDay;
}

std::string days(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " day" : " days");
}

std::string validity_text(const CertificateDescription& certificate, std::int64_t now) {
    if (now < certificate.not_before) return "not valid yet";
    if (now > certificate.not_after)
        return "expired " + days(days_between(certificate.not_after, now)) + " ago";
    return days(days_between(now, certificate.not_after)) + " left";
}

std::string constraints_text(const CertificateDescription& certificate) {
    if (!certificate.authority) return "no";
    if (certificate.path_length < 0) return "yes";
    return "yes, path length " + std::to_string(certificate.path_length);
}

Json time_or_null(std::int64_t time) {
    return time < 0 ? Json() : Json(format_time(time));
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

}  // namespace

std::string to_text(const CertificateDescription& certificate, std::int64_t now) {
    std::string text = line("Subject", certificate.subject) + line("Issuer", certificate.issuer) +
                       line("Serial", certificate.serial) +
                       line("Valid from", format_time(certificate.not_before)) +
                       line("Valid until", format_time(certificate.not_after) + " (" +
                                               validity_text(certificate, now) + ")") +
                       line("Key", certificate.key) + line("Signature", certificate.signature);
    std::string label = "Names";
    for (const auto& name : certificate.names) {
        text += line(label, name.type + " " + name.value);
    }
    return text + line("CA", constraints_text(certificate)) +
           line("Key usage", joined(certificate.key_usage)) +
           line("Extended key usage", joined(certificate.extended_key_usage)) +
           line("Subject key id", certificate.subject_key_identifier) +
           line("Authority key id", certificate.authority_key_identifier) +
           line("CRL", joined(certificate.crl_uris)) + line("OCSP", joined(certificate.ocsp_uris)) +
           line("Issuer's certificate", joined(certificate.issuer_uris)) +
           line("SHA-256", certificate.sha256) + line("Pin", certificate.pin);
}

std::string to_text(const CrlDescription& crl, std::int64_t now) {
    const auto next = crl.next_update < 0
                          ? std::string("none")
                          : format_time(crl.next_update) + (crl.next_update < now ? " (past)" : "");
    std::string text = line("CRL of", crl.issuer) + line("Number", crl.number) +
                       line("This update", format_time(crl.this_update)) +
                       line("Next update", next) + line("Signature", crl.signature) +
                       line("Authority key id", crl.authority_key_identifier) +
                       line("Revoked", std::to_string(crl.entries.size()));
    for (std::size_t i = 0; i < crl.entries.size(); ++i) {
        if (i == kMaxListedEntries) return text + "  … --json lists them all\n";
        text += "  " + crl.entries[i].serial + " " + format_time(crl.entries[i].revoked_at) + "\n";
    }
    return text;
}

Json to_json(const CertificateDescription& certificate, std::int64_t now) {
    Json names = Json::array();
    for (const auto& name : certificate.names)
        names.push_back({{"type", name.type}, {"value", name.value}});
    return {
        {"version", certificate.version},
        {"subject", certificate.subject},
        {"issuer", certificate.issuer},
        {"serial", certificate.serial},
        {"not_before", format_time(certificate.not_before)},
        {"not_after", format_time(certificate.not_after)},
        {"days_left", days_between(now, certificate.not_after)},
        {"key", certificate.key},
        {"signature", certificate.signature},
        {"ca", certificate.authority},
        {"path_length", certificate.path_length < 0 ? Json() : Json(certificate.path_length)},
        {"names", std::move(names)},
        {"key_usage", certificate.key_usage},
        {"extended_key_usage", certificate.extended_key_usage},
        {"subject_key_identifier", text_or_null(certificate.subject_key_identifier)},
        {"authority_key_identifier", text_or_null(certificate.authority_key_identifier)},
        {"crl_uris", certificate.crl_uris},
        {"ocsp_uris", certificate.ocsp_uris},
        {"issuer_uris", certificate.issuer_uris},
        {"sha256", certificate.sha256},
        {"pin", text_or_null(certificate.pin)},
    };
}

Json to_json(const CrlDescription& crl) {
    Json entries = Json::array();
    for (const auto& entry : crl.entries)
        entries.push_back(
            {{"serial", entry.serial}, {"revoked_at", format_time(entry.revoked_at)}});
    return {
        {"issuer", crl.issuer},
        {"number", text_or_null(crl.number)},
        {"this_update", format_time(crl.this_update)},
        {"next_update", time_or_null(crl.next_update)},
        {"signature", crl.signature},
        {"authority_key_identifier", text_or_null(crl.authority_key_identifier)},
        {"revoked", std::move(entries)},
    };
}

std::string dump(const Json& document) {
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace postern::cli
