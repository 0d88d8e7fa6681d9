#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::validator {

// A distinguished name as RFC 4514 writes it: its RDNs from the leaf to the root, each with its
// escapes, blanks around them removed. Never throws, takes any bytes.
[[nodiscard]] std::vector<std::string> split_subject(std::string_view text);

// A subject or issuer that a rule names: "CN=alice,OU=Ops,O=Corp" is the whole of it; "*" stands
// for one RDN, "**" in front for one or more ("**,O=Corp").
class SubjectPattern {
public:
    // As the end of a sentence; empty: it is one.
    [[nodiscard]] static std::string_view fault(std::string_view text);

    explicit SubjectPattern(std::string_view text) : parts_(split_subject(text)) {}

    [[nodiscard]] bool matches(const std::vector<std::string>& parts) const;
    [[nodiscard]] bool exact() const;
    // Nothing but common names is said, which any authority gives to anybody.
    [[nodiscard]] bool names_common_name_alone() const;
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::string> parts_;
};

[[nodiscard]] std::string join_subject(const std::vector<std::string>& parts);

}  // namespace postern::validator
