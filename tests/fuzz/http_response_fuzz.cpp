#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/net/http_response_reader.h"
#include "core/net/http_writer.h"

// However an answer is cut into pieces, it is understood alike, and its head can be written again.
namespace {

using namespace postern::net;
using Status = HttpResponseReader::Status;

struct Read {
    Status status = Status::need_more;
    bool has_head = false;
    HttpResponseHead head;
    std::string body;
};

Read read(std::string_view text, std::size_t piece, HasBody has_body) {
    HttpResponseReader reader(has_body);
    Read read;
    std::size_t at = 0;
    while (at < text.size() && read.status != Status::complete && read.status != Status::bad) {
        std::string_view bytes = text.substr(at, piece);
        at += bytes.size();
        do {
            const auto step = reader.consume(bytes);
            bytes.remove_prefix(step.consumed);
            read.status = step.status;
            read.body += step.body;
            if (step.status == Status::head) {
                read.has_head = true;
                read.head = reader.head();
            }
        } while (read.status == Status::head || read.status == Status::body);
    }
    if (read.status == Status::need_more) read.status = reader.end_of_input().status;
    return read;
}

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto has_body = (data[0] & 1) != 0 ? HasBody::yes : HasBody::no;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Read whole = read(text, std::max<std::size_t>(text.size(), 1), has_body);
    const Read bytewise = read(text, 1, has_body);
    require(whole.status == bytewise.status);
    require(whole.body == bytewise.body);
    require(whole.has_head == bytewise.has_head);
    std::string written;
    if (whole.has_head) require(write_response_head(whole.head, {}, written).ok());
    return 0;
}
