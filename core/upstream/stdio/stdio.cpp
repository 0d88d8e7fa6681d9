#include "core/upstream/stdio/stdio.h"

#include <utility>

#include "core/upstream/stdio/request.h"

namespace postern::upstream {

Stdio::Stdio(StdioBackend::Settings settings, StartChild start)
    : backend_(std::make_shared<StdioBackend>(std::move(settings), std::move(start))) {}

Stdio::~Stdio() {
    backend_->close();
}

void Stdio::retire() {
    backend_->retire();
}

std::unique_ptr<net::Exchange> Stdio::handle(net::RequestRef request, net::Caller& caller,
                                             net::ResponseStream& response) {
    return StdioRequest(*backend_, *request, caller, response).dispatch();
}

}  // namespace postern::upstream
