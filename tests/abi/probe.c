/* A library whose functions reach every public struct, for abidw to read. */
#include <postern/plugin.h>

#define STRUCT(type)                         \
    void probe_##type(const type* pointer);  \
    void probe_##type(const type* pointer) { \
        (void)pointer;                       \
    }
#define MEMBER(type, member)
#define END(type)
#include "structs.inc"

const postern_module* postern_module_v1(uint32_t host_abi_version) {
    (void)host_abi_version;
    return NULL;
}
