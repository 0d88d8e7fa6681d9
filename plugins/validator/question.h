#pragma once

#include <cstdint>
#include <string_view>

#include "postern/plugin.hpp"

namespace postern::validator {

// What a request asks for, as rules see it. Views the request.
struct Question {
    enum class Kind {
        passage,   // what every session needs: it follows the permission to the route
        tool,      // tools/call
        prompt,    // prompts/get
        resource,  // resources/read, subscribe, unsubscribe
        other,     // any other method
        disguised  // a method that differs from one of these in case alone: servers may not mind
    };
    Kind kind = Kind::passage;
    std::string_view method;
    std::string_view name;
};

[[nodiscard]] Question question_of(std::string_view method, std::string_view name);

// Why a resource's URI may be another to the server than to the rules, as the end of a sentence;
// empty: it is in its normal form (RFC 3986 6.2.2), so that no two ways of writing it slip past a
// rule. Never throws, takes any bytes.
[[nodiscard]] std::string_view resource_fault(std::string_view uri);

}  // namespace postern::validator
