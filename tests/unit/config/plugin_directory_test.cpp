#include "core/config/plugin_directory.h"

#include <filesystem>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_CASE(a_binary_in_its_build_tree_takes_the_plugins_built_with_it) {
    const std::filesystem::path build(POSTERN_BUILD_DIRECTORY);
    BOOST_TEST(postern::config::default_plugin_directory() ==
               (std::filesystem::canonical(build) / "plugins").string());
}
