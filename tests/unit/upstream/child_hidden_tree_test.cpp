#include "core/upstream/child/hidden_tree.h"

#include "tests/unit/upstream/child_fixture.h"

using namespace postern::upstream;
namespace fs = std::filesystem;

namespace {

const HiddenTree::Node* node_at(const HiddenTree& tree, const std::string& path) {
    const HiddenTree::Node* node = &tree.root;
    for (const auto& part : fs::path(path).relative_path()) {
        const auto found = node->below.find(part.string());
        if (found == node->below.end()) return nullptr;
        node = &found->second;
    }
    return node;
}

bool is_hidden(const HiddenTree& tree, const std::string& path) {
    const HiddenTree::Node* node = node_at(tree, path);
    return node != nullptr && node->is_leaf && node->access == Access::none;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_hidden_tree)

BOOST_AUTO_TEST_CASE(a_file_is_hidden_with_every_link_to_it) {
    const postern::test::TemporaryFolder folder;
    const std::string base = fs::canonical(folder.path).string();
    folder.write("archive/key1", "");
    fs::create_directory_symlink("archive", base + "/current");
    fs::create_symlink("current/../current/key1", base + "/key");
    HiddenTree tree;
    tree.add(base + "/./key", Access::none);
    BOOST_TEST(is_hidden(tree, base + "/key"));
    BOOST_TEST(is_hidden(tree, base + "/current"));
    BOOST_TEST(is_hidden(tree, base + "/archive/key1"));
    BOOST_TEST(!is_hidden(tree, base + "/archive"));
    BOOST_TEST(resolved_path(base + "/key") == base + "/archive/key1");
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_taken_as_written) {
    HiddenTree tree;
    tree.add("/nowhere/x//y/", Access::none);
    BOOST_TEST(is_hidden(tree, "/nowhere/x/y"));
    BOOST_TEST(resolved_path("/nowhere/../nowhere/x") == "/nowhere/x");
    BOOST_TEST(resolved_path("/..") == "/");
}

BOOST_AUTO_TEST_CASE(a_link_to_itself_ends) {
    const postern::test::TemporaryFolder folder;
    fs::create_symlink("self", folder.path + "/self");
    HiddenTree tree;
    tree.add(folder.path + "/self/x", Access::none);
    BOOST_TEST(node_at(tree, folder.path) != nullptr);
}

BOOST_AUTO_TEST_CASE(the_stricter_access_holds_in_any_order) {
    for (const bool hidden_first : {true, false}) {
        HiddenTree tree;
        if (hidden_first) tree.add("/nowhere/a", Access::none);
        tree.add("/nowhere/a", Access::read);
        tree.add("/nowhere/a/b", Access::read);
        if (!hidden_first) tree.add("/nowhere/a", Access::none);
        BOOST_TEST(is_hidden(tree, "/nowhere/a"));
        BOOST_TEST(node_at(tree, "/nowhere/a/b") == nullptr);
    }
    HiddenTree tree;
    tree.add("/nowhere/a", Access::read);
    tree.add("/nowhere/a/key", Access::none);
    BOOST_TEST(is_hidden(tree, "/nowhere/a/key"));
    BOOST_TEST(!is_hidden(tree, "/nowhere/a"));
}

BOOST_AUTO_TEST_CASE(within_is_by_whole_names) {
    BOOST_TEST(is_within("/a/b", "/a"));
    BOOST_TEST(is_within("/a", "/a"));
    BOOST_TEST(is_within("/a", "/"));
    BOOST_TEST(!is_within("/ab", "/a"));
    BOOST_TEST(!is_within("/", "/a"));
}

BOOST_AUTO_TEST_SUITE_END()
