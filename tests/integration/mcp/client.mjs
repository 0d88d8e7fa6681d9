// usage: client.mjs sdk1 | sdk2-legacy | sdk2-modern   URL TOOL ARGUMENTS-JSON
// Connects, lists the tools, calls one, prints one JSON line; exits 0 when all of it worked.
import './mutual_tls.mjs';

const [kind, url, tool, argumentsJson] = process.argv.slice(2);
const info = { name: 'postern-integration', version: '1.0.0' };

async function open() {
  if (kind === 'sdk1') {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = await import(
      '@modelcontextprotocol/sdk/client/streamableHttp.js'
    );
    const client = new Client(info);
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    return client;
  }
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const mode = kind === 'sdk2-modern' ? { pin: '2026-07-28' } : 'legacy';
  const client = new Client(info, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

const client = await open();
const tools = (await client.listTools()).tools.map((each) => each.name);
const result = await client.callTool({ name: tool, arguments: JSON.parse(argumentsJson ?? '{}') });
console.log(JSON.stringify({ tools, result }));
await client.close();
process.exit(result.isError ? 1 : 0);
