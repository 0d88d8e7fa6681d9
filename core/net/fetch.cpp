#include "core/net/fetch.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/net/fetch_engine.h"
#include "postern/service/store.h"

namespace postern::net {
namespace {

constexpr std::uint64_t kDefaultMaxBytes = 1024 * 1024;
constexpr std::uint64_t kHighestMaxBytes = 256 * 1024 * 1024;
constexpr std::uint64_t kDefaultDeadlineNs = 10'000'000'000;
constexpr std::size_t kMaxHeaders = 64;

std::atomic<Fetcher::State*> the_fetcher{nullptr};

std::string to_string(postern_str text) {
    return text.size == 0 ? std::string() : std::string(text.data, text.size);
}
postern_str to_str(const std::string& text) {
    return {text.data(), text.size()};
}

// Read without marking keys as asked for: that is the configuration thread's, and this is not. The
// plugin itself asks for the key when it is configured.
Result<std::vector<Network>> allowed_addresses(const config::Node* configuration) {
    std::vector<Network> networks;
    if (configuration == nullptr) return networks;
    const auto* table = std::get_if<config::Node::Table>(&configuration->value());
    if (table == nullptr) return networks;
    for (const auto& [key, node] : *table) {
        if (key != "allowed_addresses") continue;
        const auto* list = std::get_if<config::Node::Array>(&node->value());
        if (list == nullptr) return configuration_error(node->error("must be a list of networks"));
        for (const auto& element : *list) {
            const auto text = element->as_string();
            if (!text) return configuration_error(element->error("must be a network in quotes"));
            auto network = parse_network(*text);
            if (!network) return configuration_error(element->error(network.error().message));
            networks.push_back(*network);
        }
    }
    return networks;
}

void tell(postern_fetch_done done, void* user, const FetchAnswer& answer) {
    std::vector<postern_kv> headers;
    for (const auto& [name, value] : answer.headers)
        headers.push_back({to_str(name), to_str(value)});
    postern_fetch_response response{};
    response.struct_size = sizeof response;
    response.http_status = answer.http_status;
    response.headers = headers.data();
    response.header_count = headers.size();
    response.body = {as_bytes(answer.body).data(), answer.body.size()};
    response.error = to_str(answer.error);
    done(user, answer.rc, &response);
}

}  // namespace

class Fetcher::State {
public:
    explicit State(const plugin::Environment& environment)
        : environment_(environment), engine_(environment.clock()) {}

    postern_rc start(const postern_host* host, const postern_fetch_request& request,
                     postern_fetch_done done, void* user, std::uint64_t& ticket) {
        const plugin::HostContext& context = plugin::host_context(host);
        auto networks = allowed_addresses(context.configuration);
        if (!networks) return POSTERN_E_CONFIG;
        const auto* store =
            static_cast<const postern_store*>(environment_.service(POSTERN_SERVICE_STORE));
        if (request.store_key.size > 0 && store == nullptr) return POSTERN_E_UNSUPPORTED;

        FetchJob job;
        job.owner = host;
        job.post = request.method == POSTERN_FETCH_POST;
        job.url = to_string(request.url);
        job.configured = request.configured == 1;
        if (request.body.size > 0) job.body = as_text({request.body.data, request.body.size});
        for (std::size_t i = 0; i < request.header_count; ++i) {
            job.headers.emplace_back(to_string(request.headers[i].key),
                                     to_string(request.headers[i].value));
        }
        job.max_bytes = request.max_bytes == 0 ? kDefaultMaxBytes
                                               : std::min(request.max_bytes, kHighestMaxBytes);
        job.deadline_ns = request.deadline_ns != 0
                              ? request.deadline_ns
                              : environment_.clock().monotonic_ns() + kDefaultDeadlineNs;
        job.policy = AddressPolicy(std::move(*networks));
        job.done = [=, key = to_string(request.store_key)](FetchAnswer answer) {
            if (!key.empty()) put_into_store(*store, host, key, answer);
            tell(done, user, answer);
        };
        return engine_.start(std::move(job), ticket);
    }

    void cancel(const postern_host* host, std::uint64_t ticket) { engine_.cancel(host, ticket); }

private:
    // Only a good answer replaces what was stored before.
    static void put_into_store(const postern_store& store, const postern_host* host,
                               const std::string& key, FetchAnswer& answer) {
        if (answer.rc != POSTERN_OK || answer.http_status < 200 || answer.http_status > 299) return;
        const postern_rc rc =
            store.put(host, to_str(key), {as_bytes(answer.body).data(), answer.body.size()});
        answer.body.clear();
        if (rc == POSTERN_OK) return;
        answer.rc = rc < 0 ? rc : POSTERN_E_IO;
        answer.error = "the answer could not be stored";
    }

    const plugin::Environment& environment_;
    FetchEngine engine_;
};

Fetcher::Fetcher(const plugin::Environment& environment)
    : state_(std::make_unique<State>(environment)) {
    the_fetcher.store(state_.get(), std::memory_order_release);
}

Fetcher::~Fetcher() {
    the_fetcher.store(nullptr, std::memory_order_release);
}

namespace {

bool is_well_formed(const postern_fetch_request* request) {
    return request != nullptr && request->struct_size >= sizeof(postern_fetch_request) &&
           (request->method == POSTERN_FETCH_GET || request->method == POSTERN_FETCH_POST) &&
           request->configured <= 1 && request->url.size > 0 &&
           request->header_count <= kMaxHeaders;
}

extern "C" postern_rc start_fetch(const postern_host* host, const postern_fetch_request* request,
                                  postern_fetch_done done, void* user, std::uint64_t* ticket) {
    if (host == nullptr || !is_well_formed(request) || done == nullptr) return POSTERN_E_INVALID;
    Fetcher::State* fetcher = the_fetcher.load(std::memory_order_acquire);
    if (fetcher == nullptr) return POSTERN_E_UNSUPPORTED;
    try {
        std::uint64_t given = 0;
        const postern_rc rc = fetcher->start(host, *request, done, user, given);
        if (rc == POSTERN_OK && ticket != nullptr) *ticket = given;
        return rc;
    } catch (const std::exception&) {
        return POSTERN_E_NOMEM;
    }
}

extern "C" void cancel_fetch(const postern_host* host, std::uint64_t ticket) {
    Fetcher::State* fetcher = the_fetcher.load(std::memory_order_acquire);
    if (fetcher == nullptr) return;
    try {
        fetcher->cancel(host, ticket);
    } catch (const std::exception&) {
        // No memory to note it: the deadline ends the transfer.
    }
}

constexpr postern_fetch kTable{sizeof(postern_fetch), 0, &start_fetch, &cancel_fetch};

}  // namespace

const postern_fetch* Fetcher::table() {
    return &kTable;
}

}  // namespace postern::net
