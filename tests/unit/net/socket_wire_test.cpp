#include "core/net/socket_wire.h"

#include <cerrno>
#include <memory>
#include <string>

#include <sys/socket.h>
#include <boost/test/unit_test.hpp>

namespace postern::net {
namespace {

struct Pair {
    Pair() {
        int fds[2];
        BOOST_REQUIRE_EQUAL(
            ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        peer = UniqueFd(fds[1]);
        wire = std::make_unique<SocketWire>(UniqueFd(fds[0]), *buffers);
    }
    void peer_sends(const std::string& text) {
        BOOST_REQUIRE_EQUAL(::send(peer.get(), text.data(), text.size(), 0),
                            static_cast<ssize_t>(text.size()));
    }
    std::string peer_receives() {
        std::string text(256 * 1024, '\0');
        const ssize_t size = ::recv(peer.get(), text.data(), text.size(), 0);
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return text;
    }
    std::string pull(std::size_t size) {
        Bytes room(size);
        const ssize_t got = wire->pull(room);
        return got < 0 ? "error"
                       : std::string(as_text({room.data(), static_cast<std::size_t>(got)}));
    }
    std::unique_ptr<WireBuffers> buffers = std::make_unique<WireBuffers>();
    UniqueFd peer;
    std::unique_ptr<SocketWire> wire;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_wire)

BOOST_AUTO_TEST_CASE(small_pulls_are_served_from_one_read) {
    Pair pair;
    pair.peer_sends("header-and-body");
    BOOST_TEST(pair.pull(6) == "header");
    BOOST_TEST(pair.wire->bytes_in() == 15u);
    BOOST_TEST(pair.pull(100) == "-and-body");
    errno = 0;
    BOOST_TEST(pair.pull(1) == "error");
    BOOST_TEST(errno == EAGAIN);
}

BOOST_AUTO_TEST_CASE(what_was_read_ahead_survives_the_turn_and_is_reported) {
    Pair pair;
    pair.peer_sends("onetwo");
    BOOST_TEST(pair.pull(3) == "one");
    BOOST_TEST(pair.wire->end_turn());
    BOOST_TEST(pair.wire->has_read_ahead());
    BOOST_TEST(pair.buffers->in_owner == nullptr);
    BOOST_TEST(pair.pull(10) == "two");
    BOOST_TEST(!pair.wire->has_read_ahead());
}

BOOST_AUTO_TEST_CASE(a_hello_that_was_looked_at_is_pulled_again_whole) {
    Pair pair;
    pair.peer_sends("hel");
    BOOST_TEST(pair.wire->fill(1024) == 3);
    pair.peer_sends("lo");
    BOOST_TEST(pair.wire->fill(1024) == 2);
    BOOST_TEST(as_text(pair.wire->read_ahead()) == "hello");
    BOOST_TEST(pair.pull(2) == "he");
    BOOST_TEST(pair.pull(10) == "llo");
}

BOOST_AUTO_TEST_CASE(fill_stops_at_its_limit) {
    Pair pair;
    pair.peer_sends(std::string(100, 'x'));
    BOOST_TEST(pair.wire->fill(40) == 40);
    errno = 0;
    BOOST_TEST(pair.wire->fill(40) == -1);
    BOOST_TEST(errno == ENOBUFS);
}

BOOST_AUTO_TEST_CASE(records_of_one_turn_leave_together) {
    Pair pair;
    BOOST_TEST(pair.wire->push(as_bytes("one")) == 3);
    BOOST_TEST(pair.wire->push(as_bytes("two")) == 3);
    BOOST_TEST(pair.peer_receives() == "");
    BOOST_TEST(pair.wire->end_turn());
    BOOST_TEST(pair.peer_receives() == "onetwo");
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_holds_the_writer_back_and_loses_nothing) {
    Pair pair;
    std::string sent;
    char letter = 'a';
    ssize_t taken = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::string record(16 * 1024, letter);
        taken = pair.wire->push(as_bytes(record));
        if (taken < 0) break;
        sent += record;
        letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1);
        BOOST_REQUIRE(pair.wire->end_turn());
    }
    BOOST_TEST(taken == -1);
    BOOST_TEST(pair.wire->has_unsent());
    std::string received;
    while (received.size() < sent.size()) {
        const std::string some = pair.peer_receives();
        BOOST_REQUIRE(pair.wire->end_turn());
        BOOST_REQUIRE((!some.empty() || pair.wire->has_unsent()));
        received += some;
    }
    BOOST_TEST((received == sent));
}

BOOST_AUTO_TEST_CASE(two_connections_in_nested_turns_do_not_mix_their_bytes) {
    Pair pair;
    int fds[2];
    BOOST_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
                        0);
    UniqueFd other_peer(fds[1]);
    UniqueFd other_socket(fds[0]);
    SocketWire other(std::move(other_socket), *pair.buffers);
    pair.peer_sends("mine");
    BOOST_REQUIRE_EQUAL(::send(other_peer.get(), "yours", 5, 0), 5);
    BOOST_TEST(pair.pull(2) == "mi");
    Bytes room(3);
    BOOST_TEST(other.pull(room) == 3);
    BOOST_TEST(as_text(room) == "you");
    BOOST_TEST(pair.pull(2) == "ne");
    BOOST_TEST(pair.wire->push(as_bytes("a")) == 1);
    BOOST_TEST(other.push(as_bytes("b")) == 1);
    BOOST_TEST(other.end_turn());
    BOOST_TEST(pair.wire->end_turn());
    char letter = 0;
    BOOST_TEST(::recv(other_peer.get(), &letter, 1, 0) == 1);
    BOOST_TEST(letter == 'b');
    BOOST_TEST(pair.peer_receives() == "a");
}

BOOST_AUTO_TEST_CASE(a_broken_socket_is_told_at_the_end_of_the_turn) {
    Pair pair;
    pair.peer.reset();
    BOOST_TEST(pair.wire->push(as_bytes("x")) == 1);
    BOOST_TEST(!pair.wire->end_turn());
    BOOST_TEST(pair.wire->push(as_bytes("y")) == -1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::net
