/* A module that is wrong, or of another age, in the one way that its VARIANT_* says. */
#include <stdlib.h>
#include <string.h>

#include "postern/plugin.h"

static postern_rc evaluate(void* self, const postern_call* call, const postern_peer_cert* cert,
                           postern_verdict* out) {
    (void)self, (void)call, (void)cert;
    out->action = POSTERN_ACTION_ALLOW;
    return POSTERN_OK;
}

#if defined(VARIANT_LARGER)
#define EXTRA uint8_t more[256];
#else
#define EXTRA
#endif

struct pinning_table {
    postern_pinning table;
    EXTRA
};
struct descriptor {
    postern_descriptor value;
    EXTRA
};
struct module {
    postern_module value;
    EXTRA
};

static struct pinning_table pinning;
static struct descriptor descriptor;
static struct module module;

static const void* get_interface(void* self, const char* id) {
    (void)self;
    return strcmp(id, POSTERN_IF_PINNING) == 0 ? &pinning : NULL;
}

static void destroy(void* self) {
    free(self);
}

static postern_rc create(const postern_host* host, const char* id, postern_instance* out) {
    (void)host, (void)id;
    out->self = malloc(1);
    out->get_interface = get_interface;
    out->destroy = destroy;
#if defined(VARIANT_SMALLER)
    out->struct_size = offsetof(postern_instance, cancel);
    memset(&out->cancel, 0xA5, sizeof *out - offsetof(postern_instance, cancel));
#endif
    return POSTERN_OK;
}

static const char* const interfaces[] = {POSTERN_IF_PINNING, NULL};
#if defined(VARIANT_WANTS_SERVICE)
static const char* const services[] = {"org.example.nowhere/1", NULL};
#endif

static const postern_descriptor* describe(uint32_t index) {
    (void)index;
    return &descriptor.value;
}

#if defined(VARIANT_ONLY_V2)
#define postern_module_v1 postern_module_v2
POSTERN_EXPORT const postern_module* postern_module_v2(uint32_t host_abi_version);
#elif defined(VARIANT_NO_ENTRY)
#define postern_module_v1 something_else
POSTERN_EXPORT const postern_module* something_else(uint32_t host_abi_version);
#endif

POSTERN_EXPORT const postern_module* postern_module_v1(uint32_t host_abi_version) {
    (void)host_abi_version;
#if defined(VARIANT_NULL)
    return NULL;
#endif
#if defined(VARIANT_CRASHES)
    abort();
#endif
    /* What a later minor would append is not zero. */
    memset(&pinning, 0xA5, sizeof pinning);
    memset(&descriptor, 0xA5, sizeof descriptor);
    memset(&module, 0xA5, sizeof module);
    pinning.table = (postern_pinning){sizeof pinning, 0, evaluate, NULL};
    descriptor.value = (postern_descriptor){sizeof descriptor,
                                            POSTERN_THREADS_PARALLEL,
                                            "org.example.variant",
                                            "1",
                                            "a variant",
                                            interfaces,
                                            NULL};
    module.value = (postern_module){
        sizeof module, POSTERN_ABI_VERSION, POSTERN_ABI(1, 0), 1, describe, create};
#if defined(VARIANT_SMALLER)
    /* As if 1.0 had ended there: what lies behind must not be read. */
    pinning.table.struct_size = offsetof(postern_pinning, on_established);
    memset(&pinning.table.on_established, 0xA5, sizeof pinning.table.on_established);
    descriptor.value.struct_size = offsetof(postern_descriptor, services);
    memset(&descriptor.value.services, 0xA5, sizeof descriptor.value.services);
#elif defined(VARIANT_OTHER_MAJOR)
    module.value.abi_version = POSTERN_ABI(2, 0);
#elif defined(VARIANT_NEWER_MINOR)
    module.value.abi_version = POSTERN_ABI(1, 900);
#elif defined(VARIANT_NEEDS_NEWER)
    module.value.min_host_abi = POSTERN_ABI(1, 900);
#elif defined(VARIANT_BAD_ID)
    descriptor.value.id = "../etc";
#elif defined(VARIANT_WANTS_SERVICE)
    descriptor.value.services = services;
#elif defined(VARIANT_MANY)
    module.value.count = 1000;
#endif
    return &module.value;
}

#if defined(VARIANT_TWO_SYMBOLS)
POSTERN_EXPORT int one_symbol_too_many(void);
int one_symbol_too_many(void) {
    return 1;
}
#endif
