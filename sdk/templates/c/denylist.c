/* A plugin to start from, in C99: refuses peer certificates by their serial number.
 *
 *   [[listener.pipeline]]
 *   plugin = "denylist"
 *   [listener.pipeline.config]
 *   serials = ["4fa0", "01c2"]
 */
#include <postern/plugin.h>
#include <stdlib.h>
#include <string.h>

#define HEX_MAX 40u /* RFC 5280 4.1.2.2: at most 20 octets */

struct denylist {
    const postern_host *host;
    const postern_config *config;
    const postern_crypto *crypto;
    const postern_x509 *x509;
    const postern_node *serials; /* lives until destroy() */
};

static postern_str str(const char *literal) {
    postern_str out;
    out.data = literal;
    out.size = strlen(literal);
    return out;
}

static postern_str listed(const struct denylist *list, size_t index) {
    postern_str serial = {NULL, 0};
    (void)list->config->as_string(list->config->element(list->serials, index), &serial);
    return serial;
}

static postern_rc configure(void *self, const postern_node *root) {
    struct denylist *list = self;
    size_t i;
    list->serials = list->config->member(root, str("serials"));
    if (list->config->type(list->serials) != POSTERN_NODE_ARRAY) {
        list->config->fail(list->serials != NULL ? list->serials : root,
                           str("serials must be an array of strings in lower-case hex"));
        return POSTERN_E_CONFIG;
    }
    for (i = 0; i < list->config->length(list->serials); ++i) {
        const postern_node *node = list->config->element(list->serials, i);
        postern_str serial;
        const postern_rc rc = list->config->as_string(node, &serial);
        if (rc != POSTERN_OK) return rc; /* reported already */
        if (serial.size == 0 || serial.size > HEX_MAX || serial.size % 2 != 0) {
            list->config->fail(node, str("a serial number has 2 to 40 hex digits, an even number"));
            return POSTERN_E_CONFIG;
        }
    }
    return POSTERN_OK;
}

/* Chained over the list, so that any change of it makes every session ticket worthless. */
static postern_rc policy_digest(void *self, uint8_t digest[32]) {
    const struct denylist *list = self;
    const size_t count = list->config->length(list->serials);
    uint8_t link[32 + HEX_MAX];
    size_t i;
    memset(digest, 0, 32);
    for (i = 0; i < count; ++i) {
        const postern_str serial = listed(list, i);
        postern_bytes data;
        size_t size = 32;
        postern_rc rc;
        memcpy(link, digest, 32);
        memcpy(link + 32, serial.data, serial.size);
        data.data = link;
        data.size = 32 + serial.size;
        rc = list->crypto->digest(list->host, POSTERN_DIGEST_SHA256, data, digest, &size);
        if (rc != POSTERN_OK) return rc;
    }
    return POSTERN_OK;
}

static postern_rc on_peer_certificate(void *self, const postern_call *call,
                                      const postern_peer_cert *cert, postern_verdict *out) {
    static const char digits[] = "0123456789abcdef";
    const struct denylist *list = self;
    const postern_bytes serial = list->x509->field(cert->presented, 0, POSTERN_X_SERIAL);
    char hex[HEX_MAX];
    size_t i;
    (void)call;
    if (serial.size > HEX_MAX / 2) return POSTERN_OK; /* no listed one is so long */
    for (i = 0; i < serial.size; ++i) {
        hex[2 * i] = digits[serial.data[i] >> 4];
        hex[2 * i + 1] = digits[serial.data[i] & 15];
    }
    for (i = 0; i < list->config->length(list->serials); ++i) {
        const postern_str bad = listed(list, i);
        if (bad.size == 2 * serial.size && memcmp(bad.data, hex, bad.size) == 0) {
            out->action = POSTERN_ACTION_DENY;
            out->reason = POSTERN_REASON_POLICY;
            out->detail = str("the serial number is on the denylist");
        }
    }
    return POSTERN_OK; /* what was zeroed still abstains */
}

static postern_rc start(void *self) {
    (void)self;
    return POSTERN_OK;
}

static void drain(void *self) { (void)self; }

static void destroy(void *self) { free(self); }

static const void *get_interface(void *self, const char *id) {
    static const postern_validator validator = {
        sizeof(postern_validator), 0, NULL, NULL, on_peer_certificate, NULL, NULL, NULL};
    (void)self;
    return strcmp(id, POSTERN_IF_VALIDATOR) == 0 ? &validator : NULL;
}

static postern_rc create(const postern_host *host, const char *id, postern_instance *out) {
    struct denylist *list;
    (void)id; /* the one that describe() names */
    list = calloc(1, sizeof *list);
    if (list == NULL) return POSTERN_E_NOMEM;
    list->host = host;
    list->config = host->get_service(host, POSTERN_SERVICE_CONFIG);
    list->crypto = host->get_service(host, POSTERN_SERVICE_CRYPTO);
    list->x509 = host->get_service(host, POSTERN_SERVICE_X509);
    if (out->struct_size > sizeof *out) out->struct_size = sizeof *out;
    out->self = list;
    out->configure = configure;
    out->start = start;
    out->drain = drain;
    out->destroy = destroy;
    out->get_interface = get_interface;
    out->policy_digest = policy_digest;
    return POSTERN_OK;
}

static const postern_descriptor *describe(uint32_t index) {
    static const char *const interfaces[] = {POSTERN_IF_VALIDATOR, NULL};
    static const char *const services[] = {POSTERN_SERVICE_CONFIG, POSTERN_SERVICE_CRYPTO,
                                           POSTERN_SERVICE_X509, NULL};
    static const postern_descriptor descriptor = {sizeof(postern_descriptor),
                                                  POSTERN_THREADS_SERIAL,
                                                  "org.example.denylist",
                                                  "1.0",
                                                  "refuses certificates by their serial number",
                                                  interfaces,
                                                  services};
    return index == 0 ? &descriptor : NULL;
}

const postern_module *postern_module_v1(uint32_t host_abi_version) {
    static const postern_module module = {
        sizeof(postern_module), POSTERN_ABI_VERSION, POSTERN_ABI(1, 0), 1, describe, create};
    return host_abi_version >> 16 == POSTERN_ABI_MAJOR ? &module : NULL;
}
