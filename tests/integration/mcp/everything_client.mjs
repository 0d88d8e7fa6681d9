// usage: everything_client.mjs sdk1 | sdk2-legacy   URL NAME RESOURCE
// One client of server-everything that uses all a session can do. It prints "ready" when it is
// connected, waits for a line, and prints one JSON line: what came of each step, and every message
// that the server sent it. NAME is in all it says, so that a message gone astray is recognised.
import { once } from 'node:events';
import './mutual_tls.mjs';

const [kind, url, name, resource] = process.argv.slice(2);
const capabilities = { sampling: {}, elicitation: {}, roots: {} };
const received = [];
const sent = [];
const waiting = [];

// Resolves with the first message from the server that satisfies the condition.
const message = (condition) =>
  new Promise((resolve) => {
    const found = received.find(condition);
    if (found) resolve(found);
    else waiting.push({ condition, resolve });
  });

function tap(transport) {
  const { onmessage } = transport;
  transport.onmessage = (each, extra) => {
    received.push(each);
    for (const { condition, resolve } of waiting) if (condition(each)) resolve(each);
    onmessage(each, extra);
  };
  const send = transport.send.bind(transport);
  transport.send = (each, options) => {
    sent.push(each);
    return send(each, options);
  };
}

async function connect() {
  let opened;
  const standalone = new Promise((resolve) => (opened = resolve));
  const fetchAndLook = async (input, init) => {
    const response = await fetch(input, init);
    if (init?.method === 'GET' && response.ok) opened();
    return response;
  };
  const info = { name, version: '1.0.0' };
  const options = { fetch: fetchAndLook };
  const answers = {
    'sampling/createMessage': ({ params }) => ({
      role: 'assistant',
      model: name,
      content: { type: 'text', text: `${name} was asked: ${params.messages[0].content.text}` },
    }),
    'elicitation/create': () => ({ action: 'accept', content: { name, check: true } }),
    'roots/list': () => ({ roots: [{ uri: `file:///${name}`, name }] }),
  };
  let client, transport;
  if (kind === 'sdk1') {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } =
      await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const types = await import('@modelcontextprotocol/sdk/types.js');
    client = new Client(info, { capabilities });
    client.setRequestHandler(types.CreateMessageRequestSchema, answers['sampling/createMessage']);
    client.setRequestHandler(types.ElicitRequestSchema, answers['elicitation/create']);
    client.setRequestHandler(types.ListRootsRequestSchema, answers['roots/list']);
    transport = new StreamableHTTPClientTransport(new URL(url), options);
  } else {
    const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
    client = new Client(info, { capabilities, versionNegotiation: { mode: 'legacy' } });
    for (const [method, answer] of Object.entries(answers))
      client.setRequestHandler(method, answer);
    transport = new StreamableHTTPClientTransport(new URL(url), options);
  }
  await client.connect(transport);
  tap(transport);
  await standalone;
  return { client, transport };
}

const { client, transport } = await connect();

async function call(tool, args = {}, options = {}) {
  const params = { name: tool, arguments: args };
  const result = await (kind === 'sdk1'
    ? client.callTool(params, undefined, options)
    : client.callTool(params, options));
  return result.content[0].text === undefined
    ? result.content
    : result.content.map((each) => each.text).join('\n');
}

const operation = (duration, steps, options) =>
  call('trigger-long-running-operation', { duration, steps }, options);

async function progress() {
  const seen = [];
  const said = await operation(0.6, 4, { onprogress: (each) => seen.push(each.progress) });
  return { said, seen };
}

// Cancelled at its first progress; one as long that begins then ends after it would have.
async function cancellation() {
  const abort = new AbortController();
  const options = { signal: abort.signal, onprogress: () => abort.abort('enough') };
  const error = await operation(0.8, 2, options).then(
    () => 'none',
    (each) => String(each),
  );
  const cancelled = sent.find((each) => each.method === 'notifications/cancelled');
  await operation(0.8, 1);
  const answered = received.some((each) => each.id === cancelled?.params.requestId && !each.method);
  return { error, told: cancelled !== undefined, answered };
}

async function subscription() {
  await client.subscribeResource({ uri: resource });
  await call('toggle-subscriber-updates');
  const update = await message((each) => each.method === 'notifications/resources/updated');
  await call('toggle-subscriber-updates');
  await client.unsubscribeResource({ uri: resource });
  return update.params.uri;
}

const echoes = () =>
  Promise.all(
    Array.from({ length: 20 }, (_, index) => call('echo', { message: `${name} ${index}` })),
  );

console.log('ready');
await once(process.stdin, 'data');
process.stdin.destroy();

const steps = {
  progress,
  cancellation,
  subscription,
  echoes,
  sampling: () => call('trigger-sampling-request', { prompt: name }),
  elicitation: () => call('trigger-elicitation-request'),
  roots: () => call('get-roots-list'),
};
const outcomes = await Promise.all(Object.values(steps).map((step) => step()));
const results = Object.fromEntries(
  Object.keys(steps).map((step, index) => [step, outcomes[index]]),
);
await transport.terminateSession();
await client.close();
console.log(JSON.stringify({ results, received }));
process.exit(0);
