/* SPDX-License-Identifier: Apache-2.0
 *
 * x509.h - looking into certificates. The host parsed them once; what is returned lives as long as
 * the chain. Certificate 0 is the leaf. An index out of range gives empty bytes or E_INVALID. */
#ifndef POSTERN_SERVICE_X509_H
#define POSTERN_SERVICE_X509_H

#include "../call.h"
#include "../module.h"

#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_SERVICE_X509 "postern.x509/1"

/* field(): bytes */
#define POSTERN_X_SUBJECT 1u            /* DER Name */
#define POSTERN_X_ISSUER 2u             /* DER Name */
#define POSTERN_X_SERIAL 3u             /* INTEGER's content octets */
#define POSTERN_X_SPKI 4u               /* DER SubjectPublicKeyInfo */
#define POSTERN_X_SUBJECT_TEXT 5u       /* RFC 4514 */
#define POSTERN_X_ISSUER_TEXT 6u
#define POSTERN_X_SIGNATURE_OID 7u      /* dotted */
#define POSTERN_X_SUBJECT_KEY_ID 8u     /* content, empty if absent */
#define POSTERN_X_AUTHORITY_KEY_ID 9u   /* keyIdentifier, empty if absent */
#define POSTERN_X_CURVE_OID 10u         /* dotted; EC keys only */
#define POSTERN_X_SHA256 11u            /* digest of the certificate, 32 bytes */
#define POSTERN_X_SPKI_SHA256 12u       /* 32 bytes */

/* number() */
#define POSTERN_X_VERSION 1u            /* 1, 2, 3 */
#define POSTERN_X_KEY_TYPE 2u           /* POSTERN_KEY_* */
#define POSTERN_X_KEY_BITS 3u
#define POSTERN_X_SIGNATURE_HASH 4u     /* POSTERN_DIGEST_*; 0 for Ed25519 and Ed448 */
#define POSTERN_X_IS_CA 5u              /* basicConstraints: 1, 0, -1 absent */
#define POSTERN_X_PATH_LENGTH 6u        /* -1: none */
#define POSTERN_X_KEY_USAGE 7u          /* POSTERN_KEY_USAGE_*, -1 absent */
#define POSTERN_X_NOT_BEFORE 8u         /* seconds since the epoch */
#define POSTERN_X_NOT_AFTER 9u

#define POSTERN_KEY_OTHER 0u
#define POSTERN_KEY_RSA 1u
#define POSTERN_KEY_RSA_PSS 2u
#define POSTERN_KEY_EC 3u
#define POSTERN_KEY_ED25519 4u
#define POSTERN_KEY_ED448 5u
#define POSTERN_KEY_DSA 6u

#define POSTERN_KEY_USAGE_DIGITAL_SIGNATURE 0x1u
#define POSTERN_KEY_USAGE_NON_REPUDIATION 0x2u
#define POSTERN_KEY_USAGE_KEY_ENCIPHERMENT 0x4u
#define POSTERN_KEY_USAGE_DATA_ENCIPHERMENT 0x8u
#define POSTERN_KEY_USAGE_KEY_AGREEMENT 0x10u
#define POSTERN_KEY_USAGE_CERT_SIGN 0x20u
#define POSTERN_KEY_USAGE_CRL_SIGN 0x40u

/* name(): lists */
#define POSTERN_X_SAN_DNS 1u            /* as encoded */
#define POSTERN_X_SAN_IP 2u             /* 4 or 16 bytes, as encoded whatever their number */
#define POSTERN_X_SAN_EMAIL 3u
#define POSTERN_X_SAN_URI 4u
#define POSTERN_X_SAN_OTHER 5u          /* DER GeneralName of any other kind */
#define POSTERN_X_EXTENDED_KEY_USAGE 6u /* dotted */
#define POSTERN_X_CRL_URI 7u            /* of CRL distribution points */
#define POSTERN_X_OCSP_URI 8u
#define POSTERN_X_CA_ISSUERS_URI 9u
#define POSTERN_X_EXTENSION 10u         /* dotted ids, in order, repeated where repeated */
#define POSTERN_X_COMMON_NAME 11u

typedef struct postern_x509 { /* [any] */
    uint32_t struct_size;
    uint32_t reserved;
    size_t (*count)(const postern_chain *chain); /* 0 for NULL */
    postern_bytes (*der)(const postern_chain *chain, size_t certificate);
    postern_bytes (*field)(const postern_chain *chain, size_t certificate, uint32_t field);
    postern_rc (*number)(const postern_chain *chain, size_t certificate, uint32_t field,
                         int64_t *out);
    size_t (*name_count)(const postern_chain *chain, size_t certificate, uint32_t kind);
    postern_bytes (*name)(const postern_chain *chain, size_t certificate, uint32_t kind,
                          size_t index);
    /* The first extension with this dotted id. E_NOT_FOUND: there is none. */
    postern_rc (*extension)(const postern_chain *chain, size_t certificate, const char *oid,
                            postern_bytes *value, uint32_t *critical);
    /* Certificates out of PEM (any number) or DER (one); unref() the result. E_INVALID: not that;
     * E_DENIED: more than 1,000 certificates or 16 MiB. */
    postern_rc (*import_certificates)(const postern_host *host, postern_bytes pem_or_der,
                                      const postern_chain **out);
    const postern_chain *(*ref)(const postern_chain *chain);
    void (*unref)(const postern_chain *chain); /* NULL is allowed */
} postern_x509;

#ifdef __cplusplus
}
#endif
#endif
