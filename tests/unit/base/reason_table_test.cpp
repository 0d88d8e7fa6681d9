#include "core/base/reason_table.h"

#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

std::map<Reason, std::string> reasons_in_the_header() {
    std::ifstream header(POSTERN_REASON_HEADER);
    BOOST_REQUIRE(header.good());
    const std::regex pattern("#define POSTERN_REASON_([A-Z0-9_]+) ([0-9]+)u.*");
    std::map<Reason, std::string> reasons;
    std::smatch parts;
    for (std::string line; std::getline(header, line);) {
        if (!std::regex_match(line, parts, pattern)) continue;
        std::string name = parts[1];
        for (char& c : name) c = static_cast<char>(std::tolower(c));
        const bool is_new = reasons.emplace(static_cast<Reason>(std::stoul(parts[2])), name).second;
        BOOST_TEST(is_new, name);
    }
    return reasons;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reasons)

BOOST_AUTO_TEST_CASE(every_reason_of_the_sdk_has_one_row_with_its_name) {
    const std::map<Reason, std::string> header = reasons_in_the_header();
    BOOST_TEST(header.size() > 50u);
    std::map<Reason, std::string> table;
    for (const ReasonRow& row : reason_table()) {
        BOOST_TEST(table.emplace(row.reason, row.name).second, row.name);
    }
    BOOST_TEST((header == table));
}

BOOST_AUTO_TEST_CASE(rows_are_found_by_number_and_by_name) {
    std::set<std::string_view> sentences;
    for (const ReasonRow& row : reason_table()) {
        BOOST_TEST(reason_row(row.reason).name == row.name);
        BOOST_TEST(reason_by_name(row.name).value() == row.reason);
        BOOST_TEST(!row.sentence.empty());
        BOOST_TEST(sentences.insert(row.sentence).second, row.sentence);
    }
    BOOST_TEST(!reason_by_name("no_such").has_value());
}

BOOST_AUTO_TEST_CASE(an_unknown_number_is_a_policy_refusal) {
    for (const Reason reason : {Reason{2}, Reason{9999}, Reason{0xffffffff}}) {
        BOOST_TEST(reason_row(reason).reason == POSTERN_REASON_POLICY);
    }
}

BOOST_AUTO_TEST_CASE(alerts_and_statuses_are_those_of_the_standards) {
    BOOST_TEST(int{reason_row(POSTERN_REASON_CERTIFICATE_REQUIRED).tls_alert} == 116);
    BOOST_TEST(int{reason_row(POSTERN_REASON_REVOKED).tls_alert} == 44);
    BOOST_TEST(int{reason_row(POSTERN_REASON_UNKNOWN_AUTHORITY).tls_alert} == 48);
    BOOST_TEST(int{reason_row(POSTERN_REASON_RATE_LIMITED).tls_alert} == 0);
    BOOST_TEST(reason_row(POSTERN_REASON_RATE_LIMITED).http_status == 429);
    const std::set<std::uint16_t> known{0,   400, 401, 403, 404, 408, 413,
                                        421, 429, 431, 502, 503, 504};
    for (const ReasonRow& row : reason_table()) BOOST_TEST(known.contains(row.http_status));
}

BOOST_AUTO_TEST_SUITE_END()
