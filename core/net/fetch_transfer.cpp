#include "core/net/fetch_transfer.h"

#include <algorithm>
#include <string_view>

#include <sys/socket.h>

#include "core/net/http_message.h"

namespace postern::net {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64 * 1024;

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

struct ParsedUrl {
    bool secure = false;
    std::string host;
};

std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

std::optional<ParsedUrl> parse_url(const std::string& text) {
    const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return {};
    const std::string scheme = part(url.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") return std::nullopt;
    return ParsedUrl{scheme == "https", part(url.get(), CURLUPART_HOST)};
}

bool breaks_a_header(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool is_redirect(long status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

FetchTransfer::FetchTransfer(std::uint64_t ticket, FetchJob job)
    : ticket_(ticket), job_(std::move(job)), url_(job_.url) {}

CURL* FetchTransfer::next_hop(std::uint64_t now_ns) {
    if (now_ns >= job_.deadline_ns) {
        fail(POSTERN_E_TIMEOUT, "no answer within the deadline");
        return nullptr;
    }
    if (!check_url()) return nullptr;
    easy_.reset(curl_easy_init());
    if (!easy_) {
        fail(POSTERN_E_NOMEM, "no memory for a transfer");
        return nullptr;
    }
    answer_ = {};
    refusal_.clear();
    too_large_ = false;
    header_bytes_ = 0;
    set_options(now_ns);
    return easy_.get();
}

bool FetchTransfer::check_url() {
    const auto parsed = parse_url(url_);
    if (!parsed) {
        fail(POSTERN_E_DENIED, "not an http or https URL");
        return false;
    }
    if (secure_ && !parsed->secure) {
        fail(POSTERN_E_DENIED, "a redirect from https to http");
        return false;
    }
    for (const auto& [name, value] : job_.headers) {
        if (!breaks_a_header(name) && !breaks_a_header(value)) continue;
        fail(POSTERN_E_INVALID, "a request header has a line break or NUL");
        return false;
    }
    if (redirects_ == 0) host_ = parsed->host;
    secure_ = parsed->secure;
    judged_ = !job_.configured || !equal_ignoring_case(parsed->host, host_);
    return true;
}

void FetchTransfer::set_options(std::uint64_t now_ns) {
    CURL* easy = easy_.get();
    const auto milliseconds = (job_.deadline_ns - now_ns) / 1'000'000 + 1;
    curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // not from the environment either
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "postern");
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a hanging resolver holds up nobody
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(std::min<std::uint64_t>(milliseconds, 86'400'000)));
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(job_.max_bytes));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &FetchTransfer::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &FetchTransfer::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &FetchTransfer::on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    if (job_.post) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, job_.body.data());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(job_.body.size()));
    }
    curl_slist* list = curl_slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : job_.headers) {
        const std::string line = name + ": " + value;
        curl_slist* longer = curl_slist_append(list, line.c_str());
        if (longer != nullptr) list = longer;
    }
    header_list_.reset(list);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

bool FetchTransfer::hop_done(CURLcode code) {
    long status = 0;
    char* location = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &location);
    answer_.http_status = static_cast<std::uint32_t>(status);
    if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
        fail(POSTERN_E_IO,
             "the answer is larger than " + std::to_string(job_.max_bytes) + " bytes");
    } else if (!refusal_.empty() && code != CURLE_OK) {
        fail(POSTERN_E_DENIED, refusal_);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        fail(POSTERN_E_TIMEOUT, "no answer within the deadline");
    } else if (code != CURLE_OK) {
        fail(POSTERN_E_IO, curl_easy_strerror(code));
    } else if (is_redirect(status) && location != nullptr) {
        return follow(location, status);
    }
    return false;
}

bool FetchTransfer::follow(const std::string& location, long status) {
    if (++redirects_ > kMaxRedirects) {
        fail(POSTERN_E_IO, "more than " + std::to_string(kMaxRedirects) + " redirects");
        return false;
    }
    url_ = location;
    if (status < 307) {
        // RFC 9110 section 15.4: such a redirect of a POST is followed by a GET.
        job_.post = false;
        job_.body.clear();
    }
    // What was meant for the first host is not told to another.
    const auto parsed = parse_url(url_);
    if (!parsed || !equal_ignoring_case(parsed->host, host_)) {
        std::erase_if(job_.headers, [](const auto& header) {
            return equal_ignoring_case(header.first, "Authorization") ||
                   equal_ignoring_case(header.first, "Cookie");
        });
    }
    return true;
}

void FetchTransfer::fail(postern_rc rc, std::string error) {
    answer_ = {};
    answer_.rc = rc;
    answer_.error = std::move(error);
}

void FetchTransfer::finish() {
    easy_.reset();
    job_.done(std::move(answer_));
}

void FetchTransfer::finish(postern_rc rc, std::string error) {
    fail(rc, std::move(error));
    finish();
}

std::size_t FetchTransfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<FetchTransfer*>(self);
    if (size > transfer.job_.max_bytes - transfer.answer_.body.size()) {
        transfer.too_large_ = true;
        return 0;
    }
    transfer.answer_.body.append(data, size);
    return size;
}

std::size_t FetchTransfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<FetchTransfer*>(self);
    transfer.header_bytes_ += size;
    if (transfer.header_bytes_ > kMaxHeaderBytes) {
        transfer.too_large_ = true;
        return 0;
    }
    std::string_view line(data, size);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    if (line.substr(0, 5) == "HTTP/") transfer.answer_.headers.clear();  // after an interim answer
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.substr(0, 5) == "HTTP/") return size;
    std::string name(line.substr(0, colon));
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    transfer.answer_.headers.emplace_back(std::move(name), std::string(value));
    return size;
}

curl_socket_t FetchTransfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<FetchTransfer*>(self);
    if (transfer.judged_) {
        auto refusal =
            transfer.job_.policy.refusal(endpoint_from(&address->addr, address->addrlen));
        if (refusal) {
            transfer.refusal_ = std::move(*refusal);
            return CURL_SOCKET_BAD;
        }
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace postern::net
