#include <fstream>
#include <map>
#include <set>

#include <boost/test/unit_test.hpp>

#include "core/gate/refusal.h"

namespace postern::gate {
namespace {

const std::map<int, std::string> kAlerts{
    {10, "unexpected_message"},   {40, "handshake_failure"},
    {42, "bad_certificate"},      {43, "unsupported_certificate"},
    {44, "certificate_revoked"},  {45, "certificate_expired"},
    {46, "certificate_unknown"},  {48, "unknown_ca"},
    {49, "access_denied"},        {50, "decode_error"},
    {70, "protocol_version"},     {80, "internal_error"},
    {116, "certificate_required"}};

std::string message_of(Reason reason) {
    const std::string text = refusal_text(reason, "", "");
    const std::string key = R"("message":)";
    const std::size_t at = text.find(key) + key.size();
    return text.substr(at, text.size() - at - 2);
}

std::string line_of(const ReasonRow& row) {
    std::string line = "| " + std::to_string(row.reason) + " | `" + std::string(row.name) + "` | ";
    if (row.tls_alert != 0) {
        line += std::to_string(row.tls_alert) + " " + kAlerts.at(row.tls_alert);
    }
    line += " | ";
    if (row.http_status != 0) {
        line += std::to_string(row.http_status) + " " + message_of(row.reason);
    }
    return line + " | " + std::string(row.sentence) + " |";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(refusals_page)

BOOST_AUTO_TEST_CASE(it_has_every_reason_as_the_table_has_it_and_no_other) {
    std::ifstream page(POSTERN_REFUSALS_PAGE);
    BOOST_REQUIRE(page.good());
    std::set<std::string> written;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("| ") && line.find("| `") != std::string::npos) written.insert(line);
    }
    std::set<std::string> expected;
    for (const ReasonRow& row : reason_table()) {
        if (row.reason != POSTERN_REASON_NONE) expected.insert(line_of(row));
    }
    for (const std::string& line : expected) BOOST_TEST(written.contains(line), line);
    for (const std::string& line : written) BOOST_TEST(expected.contains(line), line);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
