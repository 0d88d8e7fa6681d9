#include "core/plugin/loader.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "tests/unit/plugin/bench.h"

namespace postern::plugin::test {
namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        std::string name = (fs::temp_directory_path() / "postern-loader-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path); }
    std::string copy(const std::string& plugin) const {
        const fs::path to = path / (plugin + ".so");
        fs::copy_file(fs::path(POSTERN_TEST_PLUGINS) / (plugin + ".so"), to);
        fs::permissions(to, fs::perms(0644));
        return to.string();
    }
    fs::path path;
};

std::string refusal(const std::string& name) {
    Loader loader(POSTERN_TEST_PLUGINS);
    const auto loaded = loader.load(name);
    return loaded ? "loaded" : loaded.error().message;
}

bool contains(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) BOOST_TEST_MESSAGE("got: " << text);
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(loader)

BOOST_AUTO_TEST_CASE(bare_name_is_looked_up_in_the_plugin_directory) {
    Loader loader(POSTERN_TEST_PLUGINS);
    const auto loaded = loader.load("plain");
    BOOST_REQUIRE(loaded.ok());
    BOOST_TEST((*loaded)->descriptors.size() == 1u);
    BOOST_TEST(std::string((*loaded)->descriptors[0].id) == "org.example.variant");
    BOOST_TEST((*loaded)->sha256.size() == 64u);
}

BOOST_AUTO_TEST_CASE(two_plugins_loaded_one_after_the_other_are_two) {
    Loader loader(POSTERN_TEST_PLUGINS);
    const auto first = loader.load("validator_parallel");
    const auto second = loader.load("limiter_parallel");
    const auto again = loader.load("validator_parallel");
    BOOST_REQUIRE(first.ok());
    BOOST_REQUIRE(second.ok());
    BOOST_REQUIRE(again.ok());
    BOOST_TEST(std::string((*first)->descriptors[0].id) == "org.example.validator-parallel");
    BOOST_TEST(std::string((*second)->descriptors[0].id) == "org.example.limiter-parallel");
    BOOST_TEST(*first == *again);
}

BOOST_AUTO_TEST_CASE(a_refused_plugin_does_not_stand_in_for_the_next_one) {
    BOOST_TEST(refusal("no_entry") != "loaded");
    Loader loader(POSTERN_TEST_PLUGINS);
    const auto next = loader.load("pinning_parallel");
    BOOST_REQUIRE(next.ok());
    BOOST_TEST(std::string((*next)->descriptors[0].id) == "org.example.pinning-parallel");
}

BOOST_AUTO_TEST_CASE(missing_symbol_names_the_one_it_has) {
    BOOST_TEST(contains(refusal("no_entry"), "has no postern_module_v1; it is not a plugin"));
    BOOST_TEST(contains(refusal("only_v2"), "has no postern_module_v1 (it has postern_module_v2)"));
}

BOOST_AUTO_TEST_CASE(versions_that_do_not_fit_are_refused_with_both) {
    BOOST_TEST(
        contains(refusal("other_major"), "is built for plugin ABI 2.0; this Postern has 1."));
    BOOST_TEST(contains(refusal("needs_newer"), "needs plugin ABI 1.900 or later"));
    BOOST_TEST(refusal("newer_minor") == "loaded");
}

BOOST_AUTO_TEST_CASE(malformed_modules_are_refused) {
    BOOST_TEST(contains(refusal("null"), "does not serve a host"));
    BOOST_TEST(contains(refusal("bad_id"), "has no valid id"));
    BOOST_TEST(contains(refusal("many"), "describes 1000 plugins"));
}

BOOST_AUTO_TEST_CASE(structs_of_a_later_and_an_earlier_minor_are_read_up_to_the_overlap) {
    Bench bench;
    for (const char* variant : {"larger", "smaller"}) {
        const auto pipeline = bench.build({entry(variant, variant, "")});
        BOOST_TEST(pipeline->wants(POSTERN_PHASE_PEER_CERTIFICATE));
        BOOST_TEST(!pipeline->wants(POSTERN_PHASE_ESTABLISHED));
        ConnectionPipeline connection(pipeline, bench.scheduler, facts());
        Later later;
        const auto outcome = connection.peer_certificate(certificate(), later.done());
        BOOST_REQUIRE(outcome);
        BOOST_TEST(outcome->allowed);
        BOOST_TEST(outcome->pinned);
        // cancel lies behind a smaller instance's end and is garbage there.
        connection.close({});
    }
}

BOOST_AUTO_TEST_CASE(executable_stack_is_refused) {
    BOOST_TEST(contains(refusal("executable_stack"), "executable stack"));
}

BOOST_AUTO_TEST_CASE(file_or_folder_that_others_can_write_is_refused) {
    const Folder folder;
    const std::string file = folder.copy("plain");
    fs::permissions(file, fs::perms(0666));
    BOOST_TEST(contains(refusal(file), "can be written by others"));
    fs::permissions(file, fs::perms(0644));
    fs::permissions(folder.path, fs::perms(0777));
    BOOST_TEST(contains(refusal(file), "the folder " + folder.path.string()));
    fs::permissions(folder.path, fs::perms(0755));
    BOOST_TEST(refusal(file) == "loaded");
}

BOOST_AUTO_TEST_CASE(symbolic_link_is_followed_and_its_target_checked) {
    const Folder folder;
    const std::string file = folder.copy("plain");
    const fs::path link = folder.path / "link.so";
    fs::create_symlink(file, link);
    BOOST_TEST(refusal(link.string()) == "loaded");
}

BOOST_AUTO_TEST_CASE(what_is_no_shared_object_is_refused) {
    const Folder folder;
    const auto write = [&](const std::string& content) {
        const std::string file = (folder.path / "x.so").string();
        std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
        fs::permissions(file, fs::perms(0644));
        return refusal(file);
    };
    BOOST_TEST(contains(write(""), "is not an ELF file"));
    BOOST_TEST(contains(write("#!/bin/sh\n"), "is not an ELF file"));
    BOOST_TEST(contains(refusal(folder.path.string() + "/"), "is not a regular file"));
    BOOST_TEST(contains(refusal(folder.path.string() + "/absent.so"), "No such file"));
    // A plugin cut off anywhere is refused and never read past its end.
    std::ifstream whole(std::string(POSTERN_TEST_PLUGINS) + "/null.so", std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(whole)), {});
    for (std::size_t size = 4; size < 1024; size += 13) {
        BOOST_TEST(write(content.substr(0, size)) != "loaded");
    }
}

BOOST_AUTO_TEST_CASE(missing_required_service_is_named) {
    Bench bench;
    const auto built = bench.try_build({entry("wants_service", "wants", "")});
    BOOST_REQUIRE(!built.ok());
    BOOST_TEST(contains(built.error().message, "needs the service org.example.nowhere/1"));
    BOOST_TEST(contains(built.error().message, "test.toml:1:1"));
}

BOOST_AUTO_TEST_CASE(unknown_and_wrong_keys_are_reported_at_their_place) {
    Bench bench;
    auto built = bench.try_build(
        {entry("validator_parallel", "keys", "allow", {{"dellay", text_node("3s")}})});
    BOOST_REQUIRE(!built.ok());
    BOOST_TEST(contains(built.error().message, "test.toml:3:4"));
    BOOST_TEST(contains(built.error().message, "did you mean \"delay\"?"));
    built = bench.try_build(
        {entry("validator_parallel", "keys", "allow", {{"delay", text_node("3 parsecs")}})});
    BOOST_REQUIRE(!built.ok());
    BOOST_TEST(contains(built.error().message, "test.toml:3:4"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::plugin::test
