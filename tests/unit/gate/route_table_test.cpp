#include "core/gate/route_table.h"

#include <boost/test/unit_test.hpp>

namespace postern::gate {
namespace {

enum class Over { http, stdio, builtin };

RouteTargetRef route(std::string name, std::string host, std::string path, Over over = Over::http) {
    auto target = std::make_shared<RouteTarget>();
    target->route.name = std::move(name);
    target->route.host = std::move(host);
    target->route.path = std::move(path);
    if (over == Over::http) target->route.upstream = config::Http();
    if (over == Over::stdio) target->route.upstream = config::Stdio();
    return target;
}

std::string name_at(const RouteTable& table, std::string_view host, std::string_view path) {
    const auto place = table.find(host, path);
    if (!place.target) return "none";
    return place.target->route.name +
           (place.well_known == 0 ? "" : " " + std::string(path.substr(place.well_known)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(route_table)

BOOST_AUTO_TEST_CASE(the_longest_path_wins_then_the_host) {
    const RouteTable table({route("any", "", "/a"), route("deep", "", "/a/b", Over::builtin),
                            route("hosted", "x.example", "/a")});
    BOOST_TEST(name_at(table, "y.example", "/a") == "any");
    BOOST_TEST(name_at(table, "x.example", "/a") == "hosted");
    BOOST_TEST(name_at(table, "x.example", "/a/b/c") == "deep");
    BOOST_TEST(name_at(table, "y.example", "/ab") == "none");
    BOOST_TEST(name_at(table, "y.example", "/") == "none");
}

BOOST_AUTO_TEST_CASE(a_path_that_a_server_may_take_for_another_route_s_has_none) {
    const RouteTable table({route("open", "", "/files"), route("strict", "", "/files/admin"),
                            route("Case", "", "/Case"), route("at", "", "/files/@x")});
    BOOST_TEST(name_at(table, "h", "/files/admin") == "strict");
    BOOST_TEST(name_at(table, "h", "/files/admin/X;y") == "strict");
    for (const char* path :
         {"/files/Admin", "/files/admin;x", "/files/admin.", "/files/admin%20", "/files/admin%20/x",
          "/files;x/admin", "/files/;x/admin", "/files/a/..%20/admin", "/files/%40x",
          "/.well-known/openid-configuration/files/ADMIN"}) {
        BOOST_TEST(name_at(table, "h", path) == "none", path);
    }
    for (const char* path :
         {"/files", "/files/", "/files/Readme.TXT", "/files/a;b", "/files/a%20b"}) {
        BOOST_TEST(name_at(table, "h", path) == "open", path);
    }
    BOOST_TEST(name_at(table, "h", "/Case/x") == "Case");
    BOOST_TEST(name_at(table, "h", "/case") == "none");
}

BOOST_AUTO_TEST_CASE(a_well_known_path_belongs_to_the_route_that_follows_it) {
    const RouteTable table({route("files", "", "/files"), route("mail", "", "/mail/mcp"),
                            route("child", "", "/child", Over::stdio),
                            route("demo", "", "/demo", Over::builtin)});
    for (const std::string name :
         {"oauth-protected-resource", "oauth-authorization-server", "openid-configuration"}) {
        const std::string at = "/.well-known/" + name;
        BOOST_TEST(name_at(table, "h", at + "/files") == "files /files");
        BOOST_TEST(name_at(table, "h", at + "/files/x") == "files /files/x");
        BOOST_TEST(name_at(table, "h", at + "/mail/mcp") == "mail /mail/mcp");
        BOOST_TEST(name_at(table, "h", at) == "files ");
        BOOST_TEST(name_at(table, "h", at + "/") == "files /");
        for (const std::string nothing :
             {"/child", "/demo", "/filesystem", "/mail", "s", "s/files"}) {
            BOOST_TEST(name_at(table, "h", at + nothing) == "none", nothing);
        }
    }
    BOOST_TEST(name_at(table, "h", "/.well-known/other/files") == "none");
    BOOST_TEST(name_at(table, "h", "/files/.well-known/openid-configuration") == "files");
    BOOST_TEST(name_at(table, "h", "/child/.well-known/openid-configuration") == "none");
}

BOOST_AUTO_TEST_CASE(the_bare_one_belongs_to_the_shortest_path_of_the_host) {
    const std::string bare = "/.well-known/oauth-protected-resource";
    const RouteTable table({route("long", "", "/longest"), route("short", "", "/ab"),
                            route("same", "", "/cd"), route("child", "", "/c", Over::stdio),
                            route("hosted", "x.example", "/hosted/longer")});
    BOOST_TEST(name_at(table, "y.example", bare) == "short ");
    BOOST_TEST(name_at(table, "x.example", bare) == "hosted ");
    BOOST_TEST(name_at(RouteTable({route("d", "", "/d", Over::builtin)}), "h", bare) == "none");
}

BOOST_AUTO_TEST_CASE(a_route_of_its_own_takes_a_well_known_path) {
    const RouteTable table({route("mcp", "", "/mcp"), route("all", "", "/"),
                            route("server", "", "/.well-known/oauth-authorization-server")});
    BOOST_TEST(name_at(table, "h", "/.well-known/oauth-authorization-server") == "server");
    BOOST_TEST(name_at(table, "h", "/.well-known/oauth-authorization-server/mcp") == "server");
    BOOST_TEST(name_at(table, "h", "/.well-known/oauth-protected-resource/mcp") == "mcp /mcp");
    BOOST_TEST(name_at(table, "h", "/.well-known/oauth-protected-resource/else") == "all /else");
    BOOST_TEST(name_at(table, "h", "/.well-known/acme-challenge/x") == "all");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace postern::gate
