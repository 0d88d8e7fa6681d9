#include "core/gate/authorization.h"

#include <filesystem>
#include <fstream>

#include <boost/test/unit_test.hpp>

#include "tests/unit/base/temporary_directory.h"

namespace postern::gate {
namespace {

class File {
public:
    explicit File(std::string_view text) {
        std::ofstream(path()) << text;
        std::filesystem::permissions(
            path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    [[nodiscard]] std::string path() const { return directory_.file("token"); }
    [[nodiscard]] config::Route route() const {
        config::Route made;
        made.name = "files";
        made.position = {"posternd.toml", 7, 1};
        made.authorization = {config::Authorization::Kind::replace, path()};
        return made;
    }

private:
    TemporaryDirectory directory_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(authorization)

BOOST_AUTO_TEST_CASE(the_first_line_is_the_value) {
    BOOST_TEST(read_authorization(config::Route()).value() == "");
    BOOST_TEST(read_authorization(File("Bearer abc").route()).value() == "Bearer abc");
    BOOST_TEST(read_authorization(File("Bearer abc \r\nmore\n").route()).value() == "Bearer abc");
}

BOOST_AUTO_TEST_CASE(what_is_no_header_value_is_an_error_that_names_key_and_file) {
    for (const std::string text :
         {"", "\n", "\nBearer x", " Bearer x", "Bearer \tx", "Bearer \x7f", "Bearer \xc3\xbc"}) {
        const File file(text);
        const auto read = read_authorization(file.route());
        BOOST_REQUIRE(!read.ok());
        BOOST_TEST(read.error().message.starts_with(
                       "posternd.toml:7:1: route \"files\": authorization: " + file.path()),
                   read.error().message);
    }
    BOOST_TEST(!read_authorization(File(std::string(8193, 'x')).route()).ok());
}

BOOST_AUTO_TEST_CASE(a_file_that_others_can_write_is_not_trusted) {
    const File file("Bearer abc");
    std::filesystem::permissions(file.path(), std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    BOOST_TEST(!read_authorization(file.route()).ok());
    std::filesystem::remove(file.path());
    BOOST_TEST(!read_authorization(file.route()).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
