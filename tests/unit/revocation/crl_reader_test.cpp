#include "plugins/revocation/crl_reader.h"

#include <boost/test/unit_test.hpp>

#include "plugins/revocation/malformed.h"
#include "tests/unit/revocation/crl_writer.h"

namespace postern::revocation {
namespace {

using namespace test;

struct Collected : RevokedSink {
    struct Item {
        Der serial;
        std::int64_t revoked_at;
        std::uint8_t reason;
    };
    std::vector<Item> items;
    void add(const RevokedSerial& revoked) override {
        items.push_back({revoked.serial.copy(), revoked.revoked_at, revoked.reason});
    }
};

CrlFacts read(const Der& der, RevokedSink& sink) {
    Input input = Input::from_memory(Bytes(der));
    CrlFacts facts = read_crl(input, sink);
    BOOST_TEST(input.at_end());
    return facts;
}
CrlFacts read(const Der& der) {
    Collected sink;
    return read(der, sink);
}

// Why it is refused; empty if it is not.
std::string refusal(const Der& der) {
    try {
        Collected sink;
        Input input = Input::from_memory(Bytes(der));
        read_crl(input, sink);
        return "";
    } catch (const Malformed& error) {
        return error.what();
    }
}
std::string refusal(const CrlWriter& writer) {
    return refusal(writer.write());
}

bool refused(const CrlWriter& writer, std::string_view why) {
    const std::string said = refusal(writer);
    BOOST_TEST_CONTEXT("refused with \"" << said << "\"") {
        BOOST_TEST(said.find(why) != std::string::npos);
    }
    return said.find(why) != std::string::npos;
}

CrlWriter with_extension(const Der& extension) {
    CrlWriter writer;
    writer.extensions = extension;
    return writer;
}
CrlWriter with_entry(const Der& entry) {
    CrlWriter writer;
    writer.entries = entry;
    return writer;
}
CrlWriter with_scope(const Der& fields) {
    return with_extension(certificate_extension(28, sequence(fields), true));
}

BOOST_AUTO_TEST_SUITE(crl_reader)

BOOST_AUTO_TEST_CASE(every_field_is_read) {
    CrlWriter writer;
    writer.entries = entry({0x01}, 1'700'000'000) +
                     entry({0x00, 0xff, 0x10}, 1'700'000'001, reason_extensions(1));
    writer.extensions = certificate_extension(35, sequence(tlv(0x80, {9, 8, 7}))) +
                        certificate_extension(20, tlv(0x02, {0x12, 0x34}));
    Collected sink;
    const Der der = writer.write();
    const CrlFacts facts = read(der, sink);
    BOOST_TEST(facts.issuer == name("Test CA"));
    BOOST_TEST(facts.this_update == 1'799'990'000);
    BOOST_TEST(facts.next_update == 1'800'600'000);
    BOOST_TEST(facts.authority_key_id == (Der{9, 8, 7}));
    BOOST_TEST(facts.number == (Der{0x12, 0x34}));
    BOOST_TEST(facts.signature_algorithm == kEcdsaSha256);
    BOOST_TEST(facts.signature == (Der{1, 2, 3, 4}));
    BOOST_TEST(facts.size == der.size());
    BOOST_TEST(Der(der.begin() + static_cast<std::ptrdiff_t>(facts.tbs_offset),
                   der.begin() + static_cast<std::ptrdiff_t>(facts.tbs_offset + facts.tbs_size)) ==
               writer.tbs());
    BOOST_TEST_REQUIRE(facts.entries == 2u);
    BOOST_TEST(sink.items[0].serial == (Der{0x01}));
    BOOST_TEST(sink.items[0].reason == 0);
    BOOST_TEST(sink.items[1].serial == (Der{0x00, 0xff, 0x10}));
    BOOST_TEST(sink.items[1].revoked_at == 1'700'000'001);
    BOOST_TEST(sink.items[1].reason == 1);
}

BOOST_AUTO_TEST_CASE(a_crl_cut_short_anywhere_is_refused) {
    CrlWriter writer = with_entry(entry({0x05}, 1'700'000'000, reason_extensions(4)));
    writer.extensions = certificate_extension(20, tlv(0x02, {0x01})) +
                        certificate_extension(28, sequence(tlv(0x81, {0xff})), true);
    const Der whole = writer.write();
    BOOST_TEST(refusal(whole) == "");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BOOST_TEST_REQUIRE(
            refusal(Der(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))) != "");
    }
}

BOOST_AUTO_TEST_CASE(every_changed_byte_is_survived) {
    CrlWriter writer = with_entry(entry({0x05}, 1'700'000'000, reason_extensions(4)));
    writer.extensions = certificate_extension(
        28, sequence(tlv(0xa0, tlv(0xa0, tlv(0x86, text("http://x"))))), true);
    Der der = writer.write();
    for (std::uint8_t& byte : der) {
        const std::uint8_t before = byte;
        for (unsigned value = 0; value < 256; ++value) {
            byte = static_cast<std::uint8_t>(value);
            static_cast<void>(refusal(der));
        }
        byte = before;
    }
}

BOOST_AUTO_TEST_CASE(lengths_that_overflow_or_waste_octets_are_refused) {
    const Der good = CrlWriter().write();
    for (const Der& header :
         {Der{0x30, 0x80}, Der{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, Der{0x30, 0x85, 1, 0, 0, 0, 0},
          Der{0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, Der{0x30, 0x81, 0x05},
          Der{0x30, 0x82, 0x00, 0xff}, Der{0x30, 0xff}, Der{0x3f, 0x81, 0x05}, Der{0x31, 0x05},
          Der{0x30}}) {
        BOOST_TEST(refusal(header + good) != "");
    }
}

BOOST_AUTO_TEST_CASE(an_inner_length_cannot_reach_out) {
    // The entry claims one byte more than its list has.
    Der bad = entry({0x05}, 1'700'000'000);
    ++bad[1];
    BOOST_TEST(refused(with_entry(bad), "beyond what encloses it"));
}

BOOST_AUTO_TEST_CASE(both_algorithm_identifiers_must_be_equal) {
    CrlWriter writer;
    writer.outer_algorithm[11] = 3;
    BOOST_TEST(refused(writer, "not the one in tbsCertList"));
}

BOOST_AUTO_TEST_CASE(version_1_may_have_no_extensions) {
    CrlWriter writer;
    writer.version = {};
    writer.entries = entry({1}, 1'700'000'000);
    BOOST_TEST(refusal(writer) == "");
    writer.entries = entry({1}, 1'700'000'000, reason_extensions(1));
    BOOST_TEST(refused(writer, "version 1"));
    writer.entries = {};
    writer.extensions = certificate_extension(20, tlv(0x02, {1}));
    BOOST_TEST(refused(writer, "version 1"));
    for (const Der& version : {Der{2, 1, 0}, Der{2, 1, 2}, Der{2, 2, 0, 1}, Der{2, 0}}) {
        CrlWriter other;
        other.version = version;
        BOOST_TEST(refused(other, "version"));
    }
}

BOOST_AUTO_TEST_CASE(a_crl_without_an_end_of_life_is_refused) {
    CrlWriter writer;
    writer.next_update = {};
    BOOST_TEST(refused(writer, "nextUpdate: missing"));
    writer.next_update = utc_time(1'700'000'000);
    BOOST_TEST(refused(writer, "before thisUpdate"));
}

BOOST_AUTO_TEST_CASE(times_have_one_form) {
    for (const char* bad :
         {"2701020304Z", "270102030405", "270102030405+0000", "270102030405.5Z", "271302030405Z",
          "270230030405Z", "270102240405Z", "270102036005Z", "270102030460Z", "27010203040aZ",
          "270100030405Z", "20270102030405Z", "-70102030405Z", ""}) {
        CrlWriter writer;
        writer.this_update = tlv(0x17, text(bad));
        BOOST_TEST(refused(writer, "thisUpdate"), bad);
    }
    CrlWriter writer;
    writer.this_update = tlv(0x18, text("20240229235959Z"));
    BOOST_TEST(read(writer.write()).this_update == 1'709'251'199);
    writer.this_update = tlv(0x17, text("500101000000Z"));
    BOOST_TEST(read(writer.write()).this_update == -631'152'000);
    writer.next_update = tlv(0x18, text("99991231235959Z"));
    BOOST_TEST(read(writer.write()).next_update == 253'402'300'799);
    writer.next_update = tlv(0x18, text("270102030405Z"));
    BOOST_TEST(refused(writer, "nextUpdate"));
}

BOOST_AUTO_TEST_CASE(serials_are_taken_as_they_are_but_for_hopeless_ones) {
    const auto with_serial = [](const Der& serial) {
        return with_entry(entry(serial, 1'700'000'000));
    };
    for (const Der& serial : {Der{0x00}, Der{0x80}, Der{0xff}, Der{0xff, 0x7f}, Der{0x00, 0x80},
                              Der(20, 0x11), Der(21, 0x11), Der(32, 0x11)}) {
        BOOST_TEST(refusal(with_serial(serial)) == "");
    }
    BOOST_TEST(refused(with_serial({}), "empty INTEGER"));
    BOOST_TEST(refused(with_serial({0x00, 0x7f}), "fewest octets"));
    BOOST_TEST(refused(with_serial({0xff, 0x80}), "fewest octets"));
    BOOST_TEST(refused(with_serial(Der(33, 0x11)), "33 octets"));
}

BOOST_AUTO_TEST_CASE(unsorted_and_repeated_serials_are_allowed) {
    Collected sink;
    read(with_entry(entry({9}, 1) + entry({3}, 2) + entry({9}, 3)).write(), sink);
    BOOST_TEST(sink.items.size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_empty_list_is_read) {
    CrlWriter writer;
    writer.next_update = writer.next_update + sequence({});
    BOOST_TEST(read(writer.write()).entries == 0u);
}

BOOST_AUTO_TEST_CASE(reasons_are_those_of_the_rfc) {
    for (const std::uint8_t reason : Der{0, 1, 2, 3, 4, 5, 6, 9, 10}) {
        BOOST_TEST(refusal(with_entry(entry({1}, 1, reason_extensions(reason)))) == "");
    }
    BOOST_TEST(refused(with_entry(entry({1}, 1, reason_extensions(7))), "none of RFC 5280"));
    BOOST_TEST(refused(with_entry(entry({1}, 1, reason_extensions(8))), "removeFromCRL"));
    BOOST_TEST(refused(with_entry(entry({1}, 1, reason_extensions(11))), "none of RFC 5280"));
    const Der twice = certificate_extension(21, tlv(0x0a, {1}));
    BOOST_TEST(refused(with_entry(entry({1}, 1, sequence(twice + twice))), "twice"));
    BOOST_TEST(refused(with_entry(entry({1}, 1, sequence({}))), "empty"));
}

BOOST_AUTO_TEST_CASE(an_indirect_crl_is_refused) {
    const Der issuer = certificate_extension(29, sequence({}), true);
    BOOST_TEST(refused(with_entry(entry({1}, 1, sequence(issuer))), "indirect"));
    BOOST_TEST(refused(with_scope(tlv(0x84, {0xff})), "indirect"));
}

BOOST_AUTO_TEST_CASE(unknown_extensions_are_refused_only_when_critical) {
    const Der id = {0x2a, 0x03};
    BOOST_TEST(refusal(with_extension(extension(id, {5, 0}))) == "");
    BOOST_TEST(refused(with_extension(extension(id, {5, 0}, true)), "unknown critical"));
    BOOST_TEST(refusal(with_entry(entry({1}, 1, sequence(extension(id, {5, 0}))))) == "");
    BOOST_TEST(refused(with_entry(entry({1}, 1, sequence(extension(id, {5, 0}, true)))),
                       "unknown critical"));
    const Der date = tlv(0x18, text("20240229235959Z"));
    BOOST_TEST(
        refusal(with_entry(entry({1}, 1, sequence(certificate_extension(24, date, true))))) == "");
}

BOOST_AUTO_TEST_CASE(extensions_that_are_malformed_are_refused) {
    const Der number = certificate_extension(20, tlv(0x02, {1}));
    BOOST_TEST(refused(with_extension(number + number), "twice"));
    BOOST_TEST(refused(with_extension(certificate_extension(20, tlv(0x02, {0x80}))), "cRLNumber"));
    BOOST_TEST(refused(with_extension(certificate_extension(20, {2, 1, 1, 0})), "after its end"));
    BOOST_TEST(refused(with_extension(sequence({})), "extension's id"));
    BOOST_TEST(refused(with_extension(sequence(tlv(6, {0x2a, 3}) + Der{1, 1, 1} + tlv(4, {}))),
                       "BOOLEAN"));
    Der many;
    for (std::uint8_t i = 0; i < 40; ++i) many = many + extension({0x2a, i}, {5, 0});
    BOOST_TEST(refused(with_extension(many), "too many"));
}

BOOST_AUTO_TEST_CASE(a_delta_crl_is_refused) {
    BOOST_TEST(refused(with_extension(certificate_extension(27, tlv(0x02, {1}), true)), "delta"));
    BOOST_TEST(refused(with_extension(certificate_extension(27, tlv(0x02, {1}))), "delta"));
}

BOOST_AUTO_TEST_CASE(the_scope_is_read) {
    BOOST_TEST((read(CrlWriter().write()).scope == CrlScope{}));
    BOOST_TEST((read(with_scope(tlv(0x81, {0xff})).write()).scope.holders == Holders::EndEntities));
    BOOST_TEST((read(with_scope(tlv(0x82, {0xff})).write()).scope.holders == Holders::Authorities));
    BOOST_TEST((read(with_scope(tlv(0x81, {0x00})).write()).scope.holders == Holders::Any));
    const Der uris = tlv(0x86, text("http://b/2.crl")) + tlv(0x86, text("http://a/1.crl"));
    const auto scope = read(with_scope(tlv(0xa0, tlv(0xa0, uris))).write()).scope;
    BOOST_TEST(scope.distribution_points ==
               (std::vector<std::string>{"http://a/1.crl", "http://b/2.crl"}));
}

BOOST_AUTO_TEST_CASE(scopes_that_are_not_served_are_refused) {
    BOOST_TEST(refused(with_scope({}), "empty"));
    BOOST_TEST(refused(with_scope(tlv(0x83, {0x06, 0x40})), "some reasons"));
    BOOST_TEST(refused(with_scope(tlv(0x85, {0xff})), "attribute certificates"));
    BOOST_TEST(refused(with_scope(tlv(0x81, {0xff}) + tlv(0x82, {0xff})), "at once"));
    BOOST_TEST(refused(with_scope(tlv(0xa0, tlv(0xa1, {}))), "relative to the issuer"));
    BOOST_TEST(refused(with_scope(tlv(0xa0, tlv(0xa0, tlv(0xa4, name("x"))))), "by URI"));
    BOOST_TEST(refused(with_scope(tlv(0x82, {0xff}) + tlv(0x81, {0xff})), "after its end"));
}

BOOST_AUTO_TEST_CASE(oversized_fields_are_refused_before_they_are_read) {
    CrlWriter writer;
    writer.issuer = name(std::string(20'000, 'x'));
    BOOST_TEST(refused(writer, "more than"));
    BOOST_TEST(refused(with_entry(entry({1}, 1, sequence(extension({0x2a, 3}, Der(20'000, 0))))),
                       "more than"));
}

BOOST_AUTO_TEST_CASE(bytes_between_the_fields_are_refused) {
    CrlWriter writer;
    writer.extensions = certificate_extension(20, tlv(0x02, {1}));
    const Der tbs = writer.tbs();
    CrlWriter longer;
    longer.next_update = longer.next_update + tlv(0x04, {1});
    BOOST_TEST(refused(longer, "after its last field"));
    BOOST_TEST(refusal(sequence(tbs + kEcdsaSha256 + tlv(3, {0, 1}) + tlv(5, {}))) != "");
    BOOST_TEST(refusal(sequence(tbs + kEcdsaSha256 + tlv(3, {1, 1}))) != "");
    BOOST_TEST(refusal(sequence(tbs + kEcdsaSha256 + tlv(3, {0}))) != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace postern::revocation
