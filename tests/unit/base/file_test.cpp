#include "core/base/file.h"

#include <sys/stat.h>
#include <boost/test/unit_test.hpp>

#include "tests/unit/base/temporary_directory.h"

using namespace postern;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat status {};
    BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

std::size_t files_in(const std::string& path) {
    const std::filesystem::directory_iterator files(path);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

std::string content_of(const std::string& path) {
    const Result<Bytes> content = read_file(path, 1000);
    BOOST_REQUIRE(content.ok());
    return std::string(as_text(*content));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(file)

BOOST_AUTO_TEST_CASE(a_file_is_read_up_to_its_limit) {
    const TemporaryDirectory directory;
    const std::string path = directory.write("x", "12345");
    BOOST_TEST(as_text(read_file(path, 5).value()) == "12345");
    const Result<Bytes> refused = read_file(path, 4);
    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST(refused.error().message.find("larger than 4 bytes") != std::string::npos);
    BOOST_TEST(read_file(directory.write("empty", ""), 0).value().empty());
}

BOOST_AUTO_TEST_CASE(a_file_without_a_size_is_held_to_the_limit_too) {
    // /proc says 0 and gives more.
    BOOST_TEST(read_file("/proc/self/status", 1 << 20).ok());
    BOOST_TEST(!read_file("/proc/self/status", 10).ok());
}

BOOST_AUTO_TEST_CASE(only_regular_files_are_read) {
    const TemporaryDirectory directory;
    const std::string pipe = directory.file("pipe");
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (const std::string& path : {pipe, directory.path(), std::string("/dev/zero")}) {
        const Result<Bytes> refused = read_file(path, 1000);
        BOOST_REQUIRE(!refused.ok());
        BOOST_TEST(refused.error().message.find("not a regular file") != std::string::npos);
        BOOST_TEST(refused.error().message.find(path) != std::string::npos);
    }
    BOOST_TEST(!read_file(directory.file("missing"), 1000).ok());
}

BOOST_AUTO_TEST_CASE(a_file_is_replaced_whole_and_with_its_mode) {
    const TemporaryDirectory directory;
    const std::string path = directory.write("key", "old and longer");
    BOOST_REQUIRE(write_file(path, as_bytes("new"), 0600, Replace::yes).ok());
    BOOST_TEST(content_of(path) == "new");
    BOOST_TEST(mode_of(path) == 0600u);
    BOOST_TEST(files_in(directory.path()) == 1u);
}

BOOST_AUTO_TEST_CASE(an_existing_file_is_not_overwritten_unless_asked) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("key");
    BOOST_REQUIRE(write_file(path, as_bytes("first"), 0640, Replace::no).ok());
    BOOST_TEST(mode_of(path) == 0640u);
    const Result<void> refused = write_file(path, as_bytes("second"), 0640, Replace::no);
    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST(refused.error().message.find("exists") != std::string::npos);
    BOOST_TEST(content_of(path) == "first");
    BOOST_TEST(files_in(directory.path()) == 1u);
}

BOOST_AUTO_TEST_CASE(writing_into_no_folder_says_so) {
    const TemporaryDirectory directory;
    const Result<void> refused =
        write_file(directory.file("none/x"), as_bytes("x"), 0600, Replace::yes);
    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST(refused.error().message.find("none/x") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
