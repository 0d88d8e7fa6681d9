#include <boost/test/unit_test.hpp>

#include "tests/unit/validator/validator_fixture.h"

using namespace postern;
using namespace postern::fake;

namespace {

constexpr int kViolation = POSTERN_REASON_PROFILE_VIOLATION;
const Bytes kWanted{0x30, 0x04, 0x06, 0x02, 0x2a, 0x03};           // 1.2.3
const Bytes kOther{0x30, 0x04, 0x06, 0x02, 0x2a, 0x04};            // 1.2.4
const Bytes kAny{0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x20, 0x00};  // 2.5.29.32.0

Bytes sequence(std::initializer_list<Bytes> parts) {
    Bytes out{0x30, 0};
    for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
    out[1] = static_cast<std::uint8_t>(out.size() - 2);
    return out;
}

tls::Certificate with_policies(tls::Certificate certificate, Bytes value) {
    certificate.extensions.push_back({"2.5.29.32", std::move(value), false});
    return certificate;
}

struct Policies : ValidatorFixture {
    Policies() {
        BOOST_REQUIRE_EQUAL(
            configure(FakeNode::table(
                {{"required_policies", FakeNode::array({"1.2.3", "1.2.840.113549"})}})),
            POSTERN_OK);
    }
    int judge(const tls::Certificate& leaf, const tls::Certificate& intermediate) {
        return refusal(ask_client({leaf, intermediate, good_anchor()}));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(policy_rules, Policies)

BOOST_AUTO_TEST_CASE(a_required_policy_stands_in_the_leaf_and_all_the_way_up) {
    const auto leaf = with_policies(good_leaf(), sequence({kOther, kWanted}));
    BOOST_CHECK_EQUAL(judge(leaf, with_policies(good_intermediate(), sequence({kWanted}))), 0);
    BOOST_CHECK_EQUAL(judge(leaf, with_policies(good_intermediate(), sequence({kAny}))), 0);
    BOOST_CHECK_EQUAL(judge(leaf, with_policies(good_intermediate(), sequence({kOther}))),
                      kViolation);
    BOOST_CHECK_EQUAL(judge(leaf, good_intermediate()), kViolation);
    BOOST_CHECK_EQUAL(refusal(ask_client({leaf, good_anchor()})), 0);
}

BOOST_AUTO_TEST_CASE(a_leaf_has_to_name_it_itself) {
    const auto issuer = with_policies(good_intermediate(), sequence({kWanted}));
    BOOST_CHECK_EQUAL(judge(good_leaf(), issuer), kViolation);
    BOOST_CHECK_EQUAL(judge(with_policies(good_leaf(), sequence({kAny})), issuer), kViolation);
    BOOST_CHECK_EQUAL(judge(with_policies(good_leaf(), sequence({kOther})), issuer), kViolation);
}

BOOST_AUTO_TEST_CASE(malformed_policies_are_refused) {
    const auto issuer = with_policies(good_intermediate(), sequence({kWanted}));
    for (const Bytes& value :
         {Bytes{}, Bytes{0x30}, Bytes{0x30, 0x05, 0x30}, Bytes{0x31, 0x00},
          sequence({{0x30, 0x02, 0x06, 0x00}}), sequence({{0x30, 0x03, 0x06, 0x01, 0x80}}),
          sequence({{0x06, 0x01, 0x2a}}), Bytes{0x30, 0x80, 0x00, 0x00}, Bytes{0x30, 0x00, 0x00},
          sequence({Bytes{0x30, 0x0c, 0x06, 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                          0xff, 0x7f}})}) {
        BOOST_CHECK_EQUAL(judge(with_policies(good_leaf(), value), issuer), kViolation);
    }
}

BOOST_AUTO_TEST_SUITE_END()
