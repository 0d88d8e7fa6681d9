#pragma once

#include <string>
#include <vector>

#include "core/tls/chain.h"
#include "tests/unit/sdk_fake_host/fake_host.h"
#include "tests/unit/sdk_fake_host/fake_instance.h"
#include "tests/unit/sdk_fake_host/fake_x509.h"

namespace postern::fake {

// The host hands these out ready parsed, so a test writes the one field that is wrong.
[[nodiscard]] tls::Certificate good_leaf();         // a client's
[[nodiscard]] tls::Certificate good_server_leaf();  // for gate.example
[[nodiscard]] tls::Certificate good_intermediate();
[[nodiscard]] tls::Certificate good_anchor();

void add_extension(tls::Certificate& certificate, std::string oid, bool critical);

// A started validator that is asked about chains.
class ValidatorFixture {
public:
    ValidatorFixture();

    postern_rc configure(FakeNode root) { return validator_.configure(std::move(root)); }
    Answer ask_client(std::vector<tls::Certificate> verified);  // an inbound connection
    Answer ask_server(std::vector<tls::Certificate> verified, std::string hostname);
    Answer ask_pinned(std::vector<tls::Certificate> presented);  // inbound, trust = "pin"

    // A client's leaf under one intermediate and an anchor.
    Answer ask_about_leaf(const tls::Certificate& leaf);
    Answer ask_about_intermediate(const tls::Certificate& intermediate);

    FakeInstance& instance() { return validator_; }
    void set_wall_seconds(std::int64_t now) { host_.set_wall_seconds(now); }

private:
    Answer ask(std::uint32_t flags, const FakePeer& peer);

    FakeHost host_;
    FakeInstance validator_;
};

// For BOOST_CHECK_EQUAL: "0" is ALLOW, else the reason; an error of the hook is negative.
[[nodiscard]] int refusal(const Answer& answer);

}  // namespace postern::fake
