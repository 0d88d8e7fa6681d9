#include "core/cli/revocation_state.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <boost/test/unit_test.hpp>

#include "tests/unit/cli/fixture.h"

using namespace postern;
using namespace postern::cli;
using namespace postern::cli::test;

namespace {

struct StateFile {
    StateFile() {
        std::string name = std::filesystem::temp_directory_path() / "postern-state-XXXXXX";
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        directory = name;
        path = directory / "ca.revoked.json";
    }
    ~StateFile() { std::filesystem::remove_all(directory); }

    void holds(const char* text) const { std::ofstream(path) << text; }

    std::filesystem::path directory;
    std::string path;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(revocation_state, StateFile)

BOOST_AUTO_TEST_CASE(no_file_is_an_empty_state) {
    const auto state = taken(read_state(path));
    BOOST_TEST(state.last_crl_number == 0u);
    BOOST_TEST(state.revoked.empty());
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    RevocationState state;
    state.last_crl_number = 7;
    state.revoked.push_back({{0x00, 0x80}, RevocationReason::superseded, kNow});
    BOOST_TEST(write_state(path, state).ok());
    const auto again = taken(read_state(path));
    BOOST_TEST(again.last_crl_number == 7u);
    const auto* found = again.find(Bytes{0x00, 0x80});
    BOOST_REQUIRE(found);
    BOOST_TEST((found->reason == RevocationReason::superseded));
    BOOST_TEST(found->revoked_at == kNow);
    BOOST_TEST(!again.find(Bytes{0x01}));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_an_error_and_not_an_empty_state) {
    for (
        const char* text :
        {"", "[]", "{", R"({"last_crl_number":1})", R"({"last_crl_number":-1,"revoked":[]})",
         R"({"last_crl_number":1,"revoked":[{}]})", R"({"last_crl_number":1,"revoked":[7]})",
         R"({"last_crl_number":1,"revoked":[{"serial":"zz","reason":"superseded","revoked_at":"2026-11-23T00:00:00Z"}]})",
         R"({"last_crl_number":1,"revoked":[{"serial":"01","reason":"whim","revoked_at":"2026-11-23T00:00:00Z"}]})",
         R"({"last_crl_number":1,"revoked":[{"serial":"01","reason":"superseded","revoked_at":"soon"}]})"}) {
        holds(text);
        BOOST_TEST(!read_state(path), text);
    }
}

BOOST_AUTO_TEST_CASE(reasons_have_the_names_of_rfc_5280_in_any_case) {
    BOOST_TEST((taken(parse_reason("keyCompromise")) == RevocationReason::key_compromise));
    BOOST_TEST((taken(parse_reason("KEYCOMPROMISE")) == RevocationReason::key_compromise));
    BOOST_TEST(!parse_reason("removeFromCRL"));
    BOOST_TEST(reason_name(RevocationReason::ca_compromise) == "cACompromise");
}

BOOST_AUTO_TEST_SUITE_END()
