#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/validator/validator_fixture.h"

namespace postern::fake {

// A rule as a literal: {{"identity", "*"}, {"tools", FakeNode::array({"read_*"})}}.
[[nodiscard]] inline FakeNode rule(std::vector<FakeNode::Entry> keys) {
    return FakeNode::table(std::move(keys));
}
[[nodiscard]] inline FakeNode rules(std::vector<FakeNode> all) {
    return FakeNode::table({{"rule", FakeNode::array(std::move(all))}});
}

// A validator that is asked about requests of the client good_leaf().
class RulesFixture {
public:
    RulesFixture()
        : validator_((host.provide(POSTERN_SERVICE_X509, x509_service()), host),
                     postern_module_v1(POSTERN_ABI_VERSION)) {}
    ~RulesFixture() {
        const auto& table = validator_.interface<postern_validator>(POSTERN_IF_VALIDATOR);
        static_cast<void>(
            validator_.ask(kFlags, [&](void* self, const postern_call* call, postern_verdict*) {
                postern_close info{};
                info.struct_size = sizeof info;
                table.on_close(self, call, &info);
                return POSTERN_OK;
            }));
    }

    Answer ask(const std::string& method, const std::string& name = "",
               std::uint32_t flags = kFlags, const std::string& route = "files") {
        const auto& table = validator_.interface<postern_validator>(POSTERN_IF_VALIDATOR);
        return validator_.ask(flags,
                              [&](void* self, const postern_call* call, postern_verdict* out) {
                                  const std::string path = "/files/mcp";
                                  postern_request request{};
                                  request.struct_size = sizeof request;
                                  request.method = {method.data(), method.size()};
                                  request.name = {name.data(), name.size()};
                                  request.route = {route.data(), route.size()};
                                  request.route_path = {path.data(), path.size()};
                                  request.peer = handle(chain);
                                  return table.on_request(self, call, &request, out);
                              });
    }
    Answer come(std::uint32_t flags = kFlags) {
        const auto& table = validator_.interface<postern_validator>(POSTERN_IF_VALIDATOR);
        return ask_peer_certificate(validator_, table.on_peer_certificate, flags, {chain, chain});
    }
    FakeInstance& instance() { return validator_; }

    static constexpr std::uint32_t kFlags =
        POSTERN_CONN_INBOUND | POSTERN_CONN_TLS | POSTERN_CONN_VERIFIED;

    FakeHost host;
    tls::ChainRef chain =
        tls::Chain::from_certificates({good_leaf(), good_intermediate(), good_anchor()});

private:
    FakeInstance validator_;
};

}  // namespace postern::fake
