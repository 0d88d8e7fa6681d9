#include "core/net/http_reserved_fields.h"

#include <boost/test/unit_test.hpp>

using postern::net::is_reserved_field;

BOOST_AUTO_TEST_SUITE(http_reserved_fields)

BOOST_AUTO_TEST_CASE(what_only_the_gate_may_say_is_known_in_every_spelling) {
    for (const char* name : {"Client-Cert",
                             "client-cert-chain",
                             "CLIENT_CERT",
                             "X-Client-Identity",
                             "x_client_identity",
                             "X.Client-Subject",
                             "X-Client_SAN",
                             "X-Client-SANs",
                             "x-CLIENT-fingerprint",
                             "X-Client-Anchor",
                             "X-Forwarded-For",
                             "x_forwarded_proto",
                             "X-Forwarded-Client-Cert",
                             "Forwarded",
                             "X-Real-IP",
                             "X_Real~IP",
                             "X-Forwarded",
                             "X-Client-Version",
                             "X_Client_DN",
                             "X-Original-URL",
                             "X_Rewrite_Url",
                             "X-HTTP-Method-Override",
                             "X-Http-Method",
                             "X-Method-Override",
                             "Remote-User",
                             "REMOTE_USER",
                             "X-Remote-User",
                             "SSL-Client-Cert",
                             "X-SSL-Client-S-DN",
                             "nginx_ssl_client_verify"}) {
        BOOST_TEST(is_reserved_field(name), name);
    }
}

BOOST_AUTO_TEST_CASE(a_field_that_looks_like_one_that_the_gate_judged_by_is_known) {
    for (const char* name : {"Mcp_Session_Id", "mcp_session-id", "MCP.Protocol.Version",
                             "Transfer_Encoding", "content_length", "Content_Type"}) {
        BOOST_TEST(is_reserved_field(name), name);
    }
}

BOOST_AUTO_TEST_CASE(everything_else_passes) {
    for (const char* name : {"", "_", "Mcp-Session-Id", "MCP-Protocol-Version", "Mcp-Param-a_b",
                             "Content-Type", "Authorization", "X-Client", "Client-Certificate",
                             "Client-Cer", "My_Field", "Forwarded-By", "SSL-Client", "Remote-Users",
                             "X-Clientele", "Accept", "traceparent", "X-Real-IPs"}) {
        BOOST_TEST(!is_reserved_field(name), name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
