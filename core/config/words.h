#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/config/configuration.h"

namespace postern::config {

// The words of an enumeration, for reading and for printing.
template <class T>
struct Word {
    std::string_view text;
    T value;
};

inline constexpr std::array<Word<LogLevel>, 5> kLogLevels{{{"error", LogLevel::error},
                                                           {"warning", LogLevel::warning},
                                                           {"notice", LogLevel::notice},
                                                           {"info", LogLevel::info},
                                                           {"debug", LogLevel::debug}}};
inline constexpr std::array<Word<LogFormat>, 2> kLogFormats{
    {{"text", LogFormat::text}, {"json", LogFormat::json}}};
inline constexpr std::array<Word<ClientCertificate>, 3> kClientCertificates{
    {{"none", ClientCertificate::none},
     {"optional", ClientCertificate::optional},
     {"require", ClientCertificate::require}}};
inline constexpr std::array<Word<Trust>, 2> kTrusts{{{"chain", Trust::chain}, {"pin", Trust::pin}}};
inline constexpr std::array<Word<Mode>, 2> kModes{
    {{"enforce", Mode::enforce}, {"observe", Mode::observe}}};
inline constexpr std::array<Word<Answer>, 2> kAnswers{
    {{"deny", Answer::deny}, {"allow", Answer::allow}}};
inline constexpr std::array<Word<BoundTokens>, 2> kBoundTokens{
    {{"off", BoundTokens::off}, {"verify", BoundTokens::verify}}};
// Named, dated and immutable; what each resolves to is the business of core/tls.
inline constexpr std::array<Word<std::string_view>, 2> kTlsPolicies{
    {{"intermediate-2026", "intermediate-2026"}, {"modern-2026", "modern-2026"}}};

template <class T, std::size_t count>
[[nodiscard]] constexpr std::string_view word_of(const std::array<Word<T>, count>& words, T value) {
    for (const Word<T>& word : words) {
        if (word.value == value) return word.text;
    }
    return {};
}

}  // namespace postern::config
