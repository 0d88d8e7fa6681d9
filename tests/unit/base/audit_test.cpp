#include "core/base/audit.h"

#include <fstream>
#include <sstream>
#include <thread>

#include <sys/stat.h>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "tests/unit/base/temporary_directory.h"

using namespace postern;

namespace {

std::vector<nlohmann::json> lines_of(const std::string& path) {
    audit::flush();
    std::ifstream in(path);
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
}

void use(const std::string& path) {
    auto file = audit::open(path);
    BOOST_REQUIRE(file.ok());
    BOOST_REQUIRE(audit::use(std::move(*file)).ok());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(audit_file)

BOOST_AUTO_TEST_CASE(each_verdict_is_a_line_whatever_is_in_it) {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/audit.json";
    ::umask(0077);
    use(path);
    struct stat status {};
    BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0640u);
    const std::string hostile("a\n\"b\0c\xff", 7);
    audit::write("gate", "connection refused",
                 {{"detail", hostile}, {"long", std::string(10000, 'x')}});
    const auto lines = lines_of(path);
    BOOST_REQUIRE(lines.size() == 1u);
    BOOST_TEST(lines[0].at("message") == "connection refused");
    BOOST_TEST(lines[0].at("long").get<std::string>().size() == 4096u);
    BOOST_REQUIRE(audit::use({}).ok());
    BOOST_TEST(!audit::enabled());
    audit::write("gate", "connection refused", {});
    BOOST_TEST(lines_of(path).size() == 1u);
}

BOOST_AUTO_TEST_CASE(lines_of_many_threads_stay_whole_and_in_the_file_of_their_time) {
    const TemporaryDirectory directory;
    const std::string before = directory.path() + "/before";
    const std::string after = directory.path() + "/after";
    use(before);
    const auto write_some = [] {
        for (int i = 0; i < 500; ++i) audit::write("gate", "verdict", {{"reason", "revoked"}});
    };
    std::thread one(write_some);
    std::thread other(write_some);
    one.join();
    other.join();
    use(after);
    write_some();
    BOOST_TEST(lines_of(before).size() == 1000u);
    BOOST_TEST(lines_of(after).size() == 500u);
    use(after);  // appends
    write_some();
    BOOST_TEST(lines_of(after).size() == 1000u);
    BOOST_REQUIRE(audit::use({}).ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused) {
    const TemporaryDirectory directory;
    const std::string fifo = directory.path() + "/fifo";
    BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    BOOST_TEST(!audit::open(fifo).ok());
    BOOST_TEST(!audit::open(directory.path()).ok());
    BOOST_TEST(!audit::open(directory.path() + "/none/audit.json").ok());
    BOOST_TEST(!audit::open("/dev/null").ok());
}

BOOST_AUTO_TEST_SUITE_END()
