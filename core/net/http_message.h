#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

struct HttpHeader {
    std::string_view name;  // as it came
    std::string_view value;
};

[[nodiscard]] constexpr char lower_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    for (std::size_t at = 0; at < left.size(); ++at) {
        if (lower_case(left[at]) != lower_case(right[at])) return false;
    }
    return true;
}

// In order, as they came; names compare without case. All of them lie in one text: what is handed
// out points into it and holds until the headers change or go.
class HttpHeaders {
public:
    // Where a field lies in the text.
    struct Place {
        std::uint32_t name_at;
        std::uint32_t name_size;
        std::uint32_t value_at;
        std::uint32_t value_size;
    };
    class Iterator;
    class All;

    HttpHeaders() = default;
    HttpHeaders(std::string text, std::vector<Place> places);

    void add(std::string_view name, std::string_view value);
    template <class Predicate>
    void remove_if(Predicate predicate) {
        std::erase_if(places_, [&](const Place& place) { return predicate(at(place)); });
    }
    void remove(std::string_view name);  // every one of that name
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  // the first
    [[nodiscard]] All all() const;

private:
    [[nodiscard]] HttpHeader at(const Place& place) const {
        return {{text_.data() + place.name_at, place.name_size},
                {text_.data() + place.value_at, place.value_size}};
    }

    std::string text_;
    std::vector<Place> places_;
};

class HttpHeaders::Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = HttpHeader;
    using difference_type = std::ptrdiff_t;
    using pointer = const HttpHeader*;
    using reference = HttpHeader;

    Iterator(const HttpHeaders& headers, std::size_t index) : headers_(&headers), index_(index) {}
    HttpHeader operator*() const { return headers_->at(headers_->places_[index_]); }
    Iterator& operator++() {
        ++index_;
        return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

private:
    const HttpHeaders* headers_;
    std::size_t index_;
};

class HttpHeaders::All {
public:
    explicit All(const HttpHeaders& headers) : headers_(headers) {}
    [[nodiscard]] Iterator begin() const { return {headers_, 0}; }
    [[nodiscard]] Iterator end() const { return {headers_, size()}; }
    [[nodiscard]] std::size_t size() const { return headers_.places_.size(); }

private:
    const HttpHeaders& headers_;
};

inline HttpHeaders::All HttpHeaders::all() const {
    return All(*this);
}

// A request whose head passed every rule in http_rules.h and whose body has arrived whole.
struct HttpRequest {
    std::string method;
    std::string target;  // as sent, origin form
    std::string path;    // before the query, as sent
    std::string host;    // of the Host header: lower case, without the port
    int minor_version = 1;
    HttpHeaders headers;
    std::string body;
    HttpHeaders gate_fields;  // what the gate itself tells the upstream; never from the wire
    std::size_t well_known =
        0;  // how much of `target` ("/.well-known/…") is before the route's path
};

struct HttpResponseHead {
    int status = 200;
    std::string reason;   // empty: the usual one
    HttpHeaders headers;  // without framing and hop-by-hop fields
};

// The values of every Connection header as one list.
[[nodiscard]] std::string connection_options(const HttpHeaders& headers);

// Connection, Keep-Alive, TE, Transfer-Encoding, Upgrade, Proxy-*, Trailer, and what `connection`
// (the value of a Connection header) names: never passed on, RFC 9110 section 7.6.1.
[[nodiscard]] bool is_hop_by_hop(std::string_view name, std::string_view connection);

[[nodiscard]] std::string_view usual_reason_phrase(int status);

}  // namespace postern::net
