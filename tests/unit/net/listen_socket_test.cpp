#include "core/net/listen_socket.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <boost/test/unit_test.hpp>

namespace postern::net {
namespace {

struct Directory {
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "postern-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Directory() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(listen_socket)

BOOST_AUTO_TEST_CASE(port_zero_gives_every_loop_a_socket_on_the_same_port) {
    auto sockets = listen_tcp("127.0.0.1", 0, 3);
    BOOST_REQUIRE(sockets);
    BOOST_TEST(sockets->sockets.size() == 3u);
    BOOST_TEST(sockets->port > 0);
    BOOST_TEST(sockets->address == "127.0.0.1:" + std::to_string(sockets->port));
}

BOOST_AUTO_TEST_CASE(a_second_daemon_gets_address_in_use_and_not_half_the_connections) {
    auto first = listen_tcp("127.0.0.1", 0, 2);
    BOOST_REQUIRE(first);
    auto second = listen_tcp("127.0.0.1", first->port, 2);
    BOOST_REQUIRE(!second);
    BOOST_TEST((second.error().fault == Fault::configuration));
    BOOST_TEST(second.error().message.find("in use") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_host_name_is_refused_with_what_would_be_right) {
    auto sockets = listen_tcp("localhost", 0, 1);
    BOOST_REQUIRE(!sockets);
    BOOST_TEST(sockets.error().message.find("not an IPv4 or IPv6 address") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_stale_socket_file_is_replaced_and_a_live_one_is_not) {
    const Directory directory;
    const std::string path = (directory.path / "gate.sock").string();
    {
        auto first = listen_unix(path);
        BOOST_REQUIRE(first);
        auto second = listen_unix(path);
        BOOST_REQUIRE(!second);
        BOOST_TEST(second.error().message.find("in use") != std::string::npos);
        first->unix_path.clear();  // as after a kill: the file stays
    }
    BOOST_TEST(std::filesystem::exists(path));
    auto again = listen_unix(path);
    BOOST_TEST(again.ok());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_socket_is_left_alone) {
    const Directory directory;
    const std::string path = (directory.path / "notes.txt").string();
    std::ofstream(path) << "precious";
    auto sockets = listen_unix(path);
    BOOST_REQUIRE(!sockets);
    BOOST_TEST(sockets.error().message.find("not a socket") != std::string::npos);
    BOOST_TEST(std::filesystem::file_size(path) == 8u);
}

BOOST_AUTO_TEST_CASE(a_path_longer_than_a_socket_address_is_refused) {
    auto sockets = listen_unix("/tmp/" + std::string(200, 'x'));
    BOOST_REQUIRE(!sockets);
    BOOST_TEST(sockets.error().message.find("107 bytes") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::net
