#pragma once

#include <string>
#include <utility>

#include <gnutls/gnutls.h>

#include "core/base/bytes.h"

namespace postern::cli {

// A password or an encoded private key; wiped when it goes.
class Secret {
public:
    Secret() = default;
    explicit Secret(ByteView bytes) : text_(as_text(bytes)) {}
    // Swaps, since a moved-from short string would keep its characters.
    Secret(Secret&& other) noexcept { text_.swap(other.text_); }
    Secret& operator=(Secret&& other) noexcept {
        text_.swap(other.text_);
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { gnutls_memset(text_.data(), 0, text_.size()); }

    [[nodiscard]] const char* c_str() const { return text_.c_str(); }
    [[nodiscard]] ByteView bytes() const { return as_bytes(text_); }
    [[nodiscard]] bool empty() const { return text_.empty(); }

private:
    std::string text_;
};

}  // namespace postern::cli
