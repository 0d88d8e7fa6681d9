"""Certificates that no command of ours would make, by openssl; and a client that presents them."""

import ssl

import harness
from harness import Credential, run

LEAF = {"basicConstraints": "critical,CA:FALSE", "keyUsage": "critical,digitalSignature",
        "extendedKeyUsage": "clientAuth", "subjectAltName": "DNS:client.example"}
CA = {"basicConstraints": "critical,CA:TRUE", "keyUsage": "critical,keyCertSign,cRLSign"}


def forge(directory, name, issuer, extensions, *options, key="ec"):
    """A certificate of `issuer` (a Credential) with just these extensions."""
    config = directory / f"{name}.cnf"
    config.write_text(f"[req]\ndistinguished_name = dn\nx509_extensions = own\nprompt = no\n"
                      f"[dn]\nCN = {name}\n[own]\n"
                      + "".join(f"{key} = {value}\n" for key, value in extensions.items()))
    made = Credential(directory / f"{name}.crt", directory / f"{name}.key")
    kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else [key]
    run("openssl", "req", "-x509", "-new", "-newkey", *kind, "-nodes", "-config", config,
        "-CA", issuer.certificate, "-CAkey", issuer.key, "-days", "30", *options,
        "-keyout", made.key, "-out", made.certificate)
    return made


def present(port, source, credential):
    """Ends once the gate has said what it has to say."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(credential.certificate, credential.key)
    try:
        with harness.connect(port, source=source) as peer, \
                context.wrap_socket(peer, server_hostname="localhost") as tls:
            tls.sendall(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return tls.recv(4096)
    except (ssl.SSLError, ConnectionError) as error:
        return str(error).encode()
