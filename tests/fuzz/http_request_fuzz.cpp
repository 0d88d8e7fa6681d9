#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/net/http_request_reader.h"
#include "core/net/http_writer.h"

// However a request is cut into pieces, it is understood alike; and what is written from it for the
// upstream is understood as the same request.
namespace {

using namespace postern::net;
using Status = HttpRequestReader::Status;

constexpr HttpRequestReader::Limits kLimits{4096, 4096};

struct Read {
    Status status = Status::need_more;
    std::size_t consumed = 0;
    HttpRequest request;
};

Read read(std::string_view text, std::size_t piece) {
    HttpRequestReader reader(kLimits);
    Read read;
    while (read.consumed < text.size() && read.status == Status::need_more) {
        const auto result = reader.consume(text.substr(read.consumed, piece));
        read.consumed += result.consumed;
        read.status = result.status;
    }
    if (read.status == Status::complete) read.request = reader.take_request();
    return read;
}

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Read whole = read(text, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
        const Read pieces = read(text, piece);
        require(pieces.status == whole.status);
        require(pieces.request.body == whole.request.body);
        if (whole.status == Status::complete) require(pieces.consumed == whole.consumed);
    }
    if (whole.status != Status::complete) return 0;

    const auto head = write_request_head(whole.request, {whole.request.target, "upstream",
                                                         "192.0.2.1", whole.request.host, "https"});
    require(head.ok());
    HttpRequestReader again({1 << 20, kLimits.max_body});
    const std::string sent = *head + whole.request.body;
    const auto result = again.consume(sent);
    require(result.status == Status::complete && result.consumed == sent.size());
    const HttpRequest request = again.take_request();
    require(request.body == whole.request.body);
    require(request.path == whole.request.path && request.method == whole.request.method);
    return 0;
}
