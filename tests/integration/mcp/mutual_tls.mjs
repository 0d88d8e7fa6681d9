// Gives every fetch of this process a CA and a client certificate: no MCP client has a field for it.
import fs from 'node:fs';
import { Agent, setGlobalDispatcher } from 'undici';

const { MTLS_CA, MTLS_CERT, MTLS_KEY, MTLS_VERSION, MTLS_NOCHECKHOST } = process.env;
const connect = {};
if (MTLS_CA) connect.ca = fs.readFileSync(MTLS_CA);
if (MTLS_CERT) {
  connect.cert = fs.readFileSync(MTLS_CERT);
  connect.key = fs.readFileSync(MTLS_KEY);
}
if (MTLS_VERSION) connect.minVersion = connect.maxVersion = MTLS_VERSION;
// For a request with a foreign Host: undici would look for that name in the certificate.
if (MTLS_NOCHECKHOST) connect.checkServerIdentity = () => undefined;
setGlobalDispatcher(new Agent({ connect }));
