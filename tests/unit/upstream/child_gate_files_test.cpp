#include "core/upstream/child/gate_files.h"

#include <algorithm>

#include <boost/test/unit_test.hpp>

using namespace postern;

namespace {

bool has(const std::vector<std::string>& list, const std::string& path) {
    return std::find(list.begin(), list.end(), path) != list.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_gate_files)

BOOST_AUTO_TEST_CASE(secrets_are_hidden_and_what_is_public_is_read_only) {
    config::Configuration configuration;
    configuration.file = "/etc/postern/posternd.toml";
    configuration.state_directory = "/var/lib/postern";
    configuration.runtime_directory = "/run/postern";
    configuration.plugin_directory = "/usr/lib/postern/plugins";
    config::Listener listener;
    listener.position.file = "/etc/postern/conf.d/a.toml";
    listener.tls.certificates.emplace_back().certificate = "/etc/tls/gate.crt";
    listener.tls.certificates.back().private_key = "/etc/tls/private/gate.key";
    listener.tls.certificates.emplace_back().certificate = "/etc/tls/other.p12";
    listener.tls.certificates.back().password_file = "/etc/tls/password";
    listener.tls.client_ca = {"/etc/ssl/certs/ca.pem"};
    config::Route route;
    route.authorization.file = "/etc/secrets/token";
    config::Stdio stdio;
    stdio.environment_file = "/etc/secrets/env";
    route.upstream = stdio;
    listener.routes.push_back(route);
    config::Http http;
    http.tls.emplace().private_key = "/etc/up/client.key";
    http.tls->certificate = "/etc/up/client.crt";
    http.tls->trusted_ca = {"/etc/up/ca.crt"};
    listener.routes.emplace_back().upstream = http;
    configuration.listeners.push_back(listener);

    const upstream::GateFiles files = upstream::gate_files(configuration);
    for (const char* path :
         {"/etc/postern/posternd.toml", "/etc/postern/conf.d/a.toml", "/var/lib/postern",
          "/run/postern", "/etc/tls/private/gate.key", "/etc/tls/other.p12", "/etc/tls/password",
          "/etc/secrets/token", "/etc/secrets/env", "/etc/up/client.key"}) {
        BOOST_TEST(has(files.hidden, path), path);
    }
    for (const char* path :
         {"/etc/postern", "/etc/postern/conf.d", "/etc/tls/private", "/etc/up"}) {
        BOOST_TEST(has(files.hidden_folders, path), path);
    }
    for (const char* path : {"/usr/lib/postern/plugins", "/etc/tls/gate.crt",
                             "/etc/ssl/certs/ca.pem", "/etc/up/client.crt", "/etc/up/ca.crt"}) {
        BOOST_TEST(has(files.read_only, path), path);
        BOOST_TEST(!has(files.hidden, path), path);
    }
}

BOOST_AUTO_TEST_SUITE_END()
