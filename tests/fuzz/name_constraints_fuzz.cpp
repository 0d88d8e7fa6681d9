// The value of a certificate's name constraints, and names of every kind against them.
#include "core/tls/general_subtree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postern;
    using namespace postern::tls;
    if (size == 0) return 0;
    const std::size_t cut = data[0] < size ? data[0] : size - 1;
    const ByteView name(data + 1, cut);
    const ByteView value(data + 1 + cut, size - 1 - cut);
    const auto constraints = read_name_constraints(value);
    if (!constraints) return 0;
    for (const auto* list : {&constraints->permitted, &constraints->excluded}) {
        for (const GeneralSubtree& base : *list) {
            const std::string_view tree = as_text(base.content);
            (void)dns_within(as_text(name), tree);
            (void)dns_touches(as_text(name), tree);
            (void)mailbox_within(as_text(name), tree);
            (void)uri_within(as_text(name), tree);
            (void)address_within(name, base.content);
            (void)directory_name_within(name, base.content);
        }
    }
    return 0;
}
