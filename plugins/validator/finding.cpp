#include "finding.h"

namespace postern::validator {

namespace {

// Long enough to recognise a subject by, short enough to leave room for what is wrong with it.
constexpr std::size_t kMaxSubject = 200;

std::string place(Role role, std::size_t position) {
    switch (role) {
        case Role::leaf:
            return "the leaf certificate";
        case Role::intermediate:
            return "intermediate certificate " + std::to_string(position);
        case Role::anchor:
            break;
    }
    return "the trust anchor";
}

}  // namespace

std::int64_t Examined::number(std::uint32_t field) const {
    const std::optional<std::int64_t> value = certificate_.number(field);
    if (!value) {
        throw sdk::Error(POSTERN_E_INTERNAL, "the host cannot say number " + std::to_string(field) +
                                                 " of " + place(role_, position_));
    }
    return *value;
}

Refusal Examined::refuse(std::uint32_t reason, const std::string& what) const {
    const std::string_view subject = certificate_.subject_text();
    std::string detail = place(role_, position_);
    if (subject.size() > kMaxSubject) {
        detail += " (" + std::string(subject.substr(0, kMaxSubject)) + "…)";
    } else if (!subject.empty()) {
        detail += " (" + std::string(subject) + ")";
    }
    return Refusal{reason, detail + " " + what};
}

}  // namespace postern::validator
