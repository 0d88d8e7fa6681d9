#include "core/upstream/child/environment.h"

#include "tests/unit/upstream/child_fixture.h"

using namespace postern;
using upstream::child_environment;
using upstream::parse_environment;

namespace {

class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) {
        const char* before = std::getenv(name);
        if (before != nullptr) before_ = before;
        had_ = before != nullptr;
        ::setenv(name, value, 1);
    }
    ~Variable() {
        if (had_) {
            ::setenv(name_, before_.c_str(), 1);
        } else {
            ::unsetenv(name_);
        }
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
    std::string before_;
    bool had_ = false;
};

upstream::ChildUser somebody() {
    upstream::ChildUser user;
    user.name = "ada";
    user.home = "/home/ada";
    user.shell = "/bin/sh";
    return user;
}

std::string error_of(std::string_view text) {
    const auto parsed = parse_environment(text, "secrets.env");
    return parsed ? "" : parsed.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_environment_suite)

BOOST_AUTO_TEST_CASE(a_child_sees_exactly_what_it_should) {
    const Variable path("PATH", "/usr/bin:/bin");
    const Variable term("TERM", "() { evil; }");
    const Variable secret("POSTERN_TEST_SECRET", "s3cret");
    const Variable passed("POSTERN_TEST_PASSED", "yes");
    const Variable function("POSTERN_TEST_FUNCTION", "() { :; }");
    const Variable home("HOME", "/somewhere");
    const Variable user("USER", "me");
    const Variable login("SHELL", "/bin/shell");
    const test::TemporaryFolder folder;
    config::Stdio settings = test::command({"/usr/bin/env"});
    settings.pass_environment = {"POSTERN_TEST_PASSED", "POSTERN_TEST_FUNCTION", "NOT_THERE"};
    settings.environment = {{"A", "1"}, {"B", "2"}};
    settings.environment_file = folder.write("secrets.env", "# a comment\n\nB=3 = \"x\"\r\nC=\n");
    std::vector<std::string> seen =
        test::said_by(settings, {}, {"uri:a", "CN=a\nb", "ab12", {"URI:a,b", "DNS:c"}});
    std::sort(seen.begin(), seen.end());
    const std::vector<std::string> expected{"A=1",
                                            "B=3 = \"x\"",
                                            "C=",
                                            "HOME=/somewhere",
                                            "LOGNAME=me",
                                            "PATH=/usr/bin:/bin",
                                            "POSTERN_CLIENT_FINGERPRINT=ab12",
                                            "POSTERN_CLIENT_IDENTITY=uri:a",
                                            "POSTERN_CLIENT_SANS=URI:a\\2cb,DNS:c",
                                            "POSTERN_CLIENT_SUBJECT=CN=a\\0ab",
                                            "POSTERN_TEST_PASSED=yes",
                                            "SHELL=/bin/shell",
                                            "USER=me"};
    BOOST_TEST(seen == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_configured_passes_for_identity) {
    config::Stdio settings;
    settings.environment = {{"POSTERN_CLIENT_IDENTITY", "uri:admin"}};
    const auto configured = child_environment(settings, somebody(), {});
    BOOST_REQUIRE(!configured.ok());
    BOOST_TEST(configured.error().message ==
               "environment: POSTERN_CLIENT_IDENTITY: names that start with POSTERN_CLIENT_ are "
               "the gate's own");
    settings.environment.clear();
    settings.pass_environment = {"POSTERN_CLIENT_X"};
    BOOST_TEST(!child_environment(settings, somebody(), {}).ok());
    BOOST_TEST(error_of("A=1\nPOSTERN_CLIENT_SANS=x\n")
                   .find("environment_file: secrets.env:2: POSTERN_CLIENT_SANS") == 0u);
}

BOOST_AUTO_TEST_CASE(a_caller_without_certificate_leaves_no_variable) {
    const auto environment = child_environment({}, somebody(), {});
    BOOST_REQUIRE(environment.ok());
    for (const std::string& entry : *environment) {
        BOOST_TEST(!entry.starts_with("POSTERN_CLIENT_"));
    }
    BOOST_TEST(upstream::variable_of(*environment, "HOME") == "/home/ada");
    BOOST_TEST(upstream::variable_of(*environment, "HOM").empty());
}

BOOST_AUTO_TEST_CASE(lines_that_are_no_variables_are_named_without_their_value) {
    BOOST_TEST(error_of("A=1\nhunter2\n") ==
               "environment_file: secrets.env:2: is not of the form NAME=value");
    BOOST_TEST(!error_of("1A=x").empty());
    BOOST_TEST(!error_of(" A=x").empty());
    BOOST_TEST(!error_of("=x").empty());
    BOOST_TEST(error_of("A=x\nA=y") == "environment_file: secrets.env:2: A is set twice");
    BOOST_TEST(error_of(std::string_view("A=x\0y", 5)).find("NUL") != std::string::npos);
    BOOST_TEST(error_of(std::string((1 << 20) + 1, '\n')).find("1 MiB") != std::string::npos);
    std::string many;
    for (int i = 0; i < 1025; ++i) many += "V" + std::to_string(i) + "=\n";
    BOOST_TEST(error_of(many).find("more than 1024 variables") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_that_others_can_write_is_refused) {
    const test::TemporaryFolder folder;
    config::Stdio settings;
    settings.environment_file = folder.write("secrets.env", "A=1\n");
    BOOST_TEST(child_environment(settings, somebody(), {}).ok());
    std::filesystem::permissions(settings.environment_file, std::filesystem::perms(0666));
    const auto refused = child_environment(settings, somebody(), {});
    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST(refused.error().message.find("environment_file: ") == 0u);
    settings.environment_file = folder.path + "/none";
    BOOST_TEST(!child_environment(settings, somebody(), {}).ok());
}

BOOST_AUTO_TEST_CASE(a_rotated_secret_reaches_the_next_child) {
    const test::TemporaryFolder folder;
    config::Stdio settings = test::shell("echo $KEY");
    settings.environment_file = folder.write("secrets.env", "KEY=old\n");
    test::ChildHome home;
    auto start = upstream::make_child_starter(settings, {}, home.pool);
    BOOST_REQUIRE(start.ok());
    folder.write("secrets.env", "KEY=new\n");
    test::ChildWitness witness;
    std::unique_ptr<upstream::StdioChild> child;
    home.run([&] { child = (*start)(*home.loop, {}, witness); });
    BOOST_TEST(witness.wait_for_end());
    BOOST_TEST(witness.lines() == std::vector<std::string>{"new"},
               boost::test_tools::per_element());
    home.run([&] { child.reset(); });
}

BOOST_AUTO_TEST_SUITE_END()
