#include "core/upstream/builtin/builtin.h"

#include "core/upstream/builtin/protocol.h"
#include "core/upstream/caller_facts.h"

namespace postern::upstream {

std::unique_ptr<net::Exchange> Builtin::handle(net::RequestRef request, net::Caller& caller,
                                               net::ResponseStream& response) {
    const BuiltinReply reply = answer_builtin(*request, [&caller] { return facts_of(caller); });
    net::HttpResponseHead head;
    head.status = reply.status;
    if (reply.status == 405) head.headers.add("Allow", "POST");
    if (!reply.body.empty()) head.headers.add("Content-Type", "application/json");
    response.head(head, reply.body.size());
    if (!reply.body.empty() && request->method != "HEAD") response.body(reply.body);
    response.finish();
    return nullptr;
}

}  // namespace postern::upstream
