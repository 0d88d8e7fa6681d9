// usage: live_stream.mjs URL TOOL
// A legacy session with its GET stream open: prints "open", then "cut" when that stream ends. For a
// line on its input it calls the tool and prints "called".
import { createInterface } from 'node:readline';
import './mutual_tls.mjs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url, tool] = process.argv.slice(2);
let looked = false;
async function watch(body) {
  console.log('open');
  try {
    for await (const chunk of body) void chunk;
  } catch {
    // an end like any other
  }
  console.log('cut');
}
async function fetchAndLook(input, init) {
  const response = await fetch(input, init);
  if (init?.method === 'GET' && response.ok && !looked) {
    looked = true;
    void watch(response.clone().body);
  }
  return response;
}
const client = new Client({ name: 'live', version: '1' });
client.onerror = () => {};
const reconnectionOptions = {
  maxRetries: 0,
  initialReconnectionDelay: 1000,
  maxReconnectionDelay: 1000,
  reconnectionDelayGrowFactor: 1,
};
await client.connect(
  new StreamableHTTPClientTransport(new URL(url), { fetch: fetchAndLook, reconnectionOptions }),
);
for await (const line of createInterface({ input: process.stdin })) {
  void line;
  await client.callTool({ name: tool, arguments: { message: 'x', a: 1, b: 2 } });
  console.log('called');
}
process.exit(0);
