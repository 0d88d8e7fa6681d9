#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "core/net/address_policy.h"
#include "postern/types.h"

namespace postern::net {

struct FetchAnswer {
    postern_rc rc = POSTERN_OK;
    std::uint32_t http_status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
    std::string error;
};

struct FetchJob {
    const void* owner = nullptr;  // who asks: for cancel() and the bound on each
    bool post = false;
    std::string url;
    bool configured = false;  // the administrator wrote the URL: its host is not judged
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::uint64_t max_bytes = 0;
    std::uint64_t deadline_ns = 0;  // monotonic
    AddressPolicy policy{{}};
    std::function<void(FetchAnswer)> done;  // on the fetch thread
};

// One job on its way, through up to kMaxRedirects redirects. Fetch thread.
//
// Every hop has a connection of its own: one taken from curl's cache would not be judged.
class FetchTransfer {
public:
    static constexpr int kMaxRedirects = 5;

    FetchTransfer(std::uint64_t ticket, FetchJob job);
    FetchTransfer(const FetchTransfer&) = delete;
    FetchTransfer& operator=(const FetchTransfer&) = delete;

    // A handle for the next hop, to be added to a multi handle; null when the job cannot go on,
    // then finish() has the reason.
    [[nodiscard]] CURL* next_hop(std::uint64_t now_ns);
    // The hop ended: true when another is needed (a redirect), else finish().
    [[nodiscard]] bool hop_done(CURLcode code);
    void finish();
    void finish(postern_rc rc, std::string error);

    [[nodiscard]] CURL* handle() const { return easy_.get(); }
    [[nodiscard]] std::uint64_t ticket() const { return ticket_; }
    [[nodiscard]] const void* owner() const { return job_.owner; }

private:
    struct FreeEasy {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    struct FreeList {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    [[nodiscard]] bool check_url();
    void set_options(std::uint64_t now_ns);
    [[nodiscard]] bool follow(const std::string& location, long status);
    void fail(postern_rc rc, std::string error);

    static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
    static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
    static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address);

    std::uint64_t ticket_;
    FetchJob job_;
    std::string url_;      // of this hop
    std::string host_;     // of the first URL
    bool secure_ = false;  // this hop's scheme is https
    bool judged_ = true;   // this hop's addresses are
    int redirects_ = 0;
    std::unique_ptr<CURL, FreeEasy> easy_;
    std::unique_ptr<curl_slist, FreeList> header_list_;
    std::string refusal_;  // the last address that was refused
    bool too_large_ = false;
    std::size_t header_bytes_ = 0;
    FetchAnswer answer_;
};

}  // namespace postern::net
