#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

struct HttpHeader {
    std::string name;  // as it came
    std::string value;
};

// In order, as they came; names compare without case.
class HttpHeaders {
public:
    void add(std::string name, std::string value);
    void remove(std::string_view name);  // every one of that name
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  // the first
    [[nodiscard]] std::size_t count(std::string_view name) const;
    [[nodiscard]] const std::vector<HttpHeader>& all() const { return all_; }

private:
    std::vector<HttpHeader> all_;
};

[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

// A request whose head passed every rule in http_rules.h and whose body has arrived whole.
struct HttpRequest {
    std::string method;
    std::string target;  // as sent, origin form
    std::string path;    // before the query, as sent
    std::string host;    // of the Host header: lower case, without the port
    int minor_version = 1;
    HttpHeaders headers;
    std::string body;
};

struct HttpResponseHead {
    int status = 200;
    std::string reason;   // empty: the usual one
    HttpHeaders headers;  // without framing and hop-by-hop fields
};

// Connection, Keep-Alive, TE, Transfer-Encoding, Upgrade, Proxy-*, Trailer, and what `connection`
// (the value of a Connection header) names: never passed on, RFC 9110 section 7.6.1.
[[nodiscard]] bool is_hop_by_hop(std::string_view name, std::string_view connection);

[[nodiscard]] std::string_view usual_reason_phrase(int status);

}  // namespace postern::net
