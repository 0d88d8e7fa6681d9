#include "core/config/folded_path.h"

#include <boost/test/unit_test.hpp>

using postern::config::folded_path;

BOOST_AUTO_TEST_SUITE(folded_path_)

BOOST_AUTO_TEST_CASE(spellings_of_one_path_fold_to_one) {
    for (const char* path :
         {"/files/admin", "/Files/ADMIN", "/files/admin;x", "/files;a=b/admin", "/files/admin;/",
          "/files/admin.", "/files/admin...", "/files/admin%20", "/files/admin.%20.",
          "/files./admin", "/files/admin%3bx", "/files/;x/admin", "/files/admin/",
          "/files/.../admin"}) {
        BOOST_TEST(folded_path(path) == "/files/admin", path);
    }
    BOOST_TEST(folded_path("/%40a!") == "/@a!");
    BOOST_TEST(folded_path("/.well-known/X") == "/.well-known/x");
    BOOST_TEST(folded_path("/") == "/");
    BOOST_TEST(folded_path("/%C3%89/a.b") == "/\xc3\x89/a.b");
}

BOOST_AUTO_TEST_CASE(what_may_climb_folds_to_nothing) {
    for (const char* path : {"/a/..%20/b", "/a/.%20", "/..%20%20", "/a/..%20;x/b", "/a/..%3bx/b"}) {
        BOOST_TEST(folded_path(path) == "", path);
    }
}

BOOST_AUTO_TEST_SUITE_END()
