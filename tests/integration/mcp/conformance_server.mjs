// usage: conformance_server.mjs http [PORT] | stdio
// A server of both eras with the names that the conformance suite asks for; on HTTP it prints
// "listening PORT". Legacy sessions are real ones, with events that can be asked for again.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import {
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import {
  McpServer,
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { registerContent } from './conformance_content.mjs';
import { registerLegacy } from './conformance_legacy.mjs';
import { registerModern, requestState } from './conformance_modern.mjs';

function makeServer(era, announce) {
  const legacy = era === 'legacy';
  const server = new McpServer(
    { name: 'postern-conformance-fixture', version: '1.0.0' },
    {
      capabilities: {
        logging: {},
        completions: {},
        prompts: { listChanged: true },
        resources: legacy ? { subscribe: true } : {},
        tools: { listChanged: true },
      },
      requestState: { verify: requestState.verify },
    },
  );
  registerContent(server);
  if (legacy) registerLegacy(server);
  else {
    registerModern(
      server,
      announce ?? {
        toolsChanged: () => server.sendToolListChanged(),
        promptsChanged: () => server.sendPromptListChanged(),
      },
    );
  }
  return server;
}

// The events of one session, in the order they were sent; a session of a test is short.
class Events {
  #sent = [];

  async storeEvent(stream, message) {
    const event = `${stream}/${this.#sent.length}`;
    this.#sent.push({ event, stream, message });
    return event;
  }

  async getStreamIdForEventId(event) {
    return this.#sent.find((each) => each.event === event)?.stream;
  }

  async replayEventsAfter(last, { send }) {
    const from = this.#sent.findIndex((each) => each.event === last);
    if (from < 0) throw new Error(`no event ${last}`);
    const { stream } = this.#sent[from];
    for (const { event, stream: its, message } of this.#sent.slice(from + 1)) {
      if (its === stream && Object.keys(message).length > 0) await send(event, message);
    }
    return stream;
  }
}

const sessions = new Map();

async function openSession() {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: new Events(),
    retryInterval: 200,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await makeServer('legacy').connect(transport);
  return transport;
}

function refuse(response, status, code, message) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}

async function serveLegacy(request, response, body) {
  const id = request.headers['mcp-session-id'];
  const known = id === undefined ? undefined : sessions.get(id);
  if (id !== undefined && !known) return refuse(response, 404, -32001, 'Session not found');
  const transport = known ?? (await openSession());
  await transport.handleRequest(request, response, body);
}

async function readBody(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function serveHttp(port) {
  const handler = createMcpHandler(() => makeServer('modern', handler.notify), {
    legacy: 'reject',
  });
  const serveModern = toNodeHandler(handler);
  const http = createServer(async (request, response) => {
    const head = await toWebRequest(request, {});
    const refusal =
      hostHeaderValidationResponse(head, localhostAllowedHostnames()) ??
      originValidationResponse(head, localhostAllowedOrigins());
    if (refusal) {
      response.writeHead(refusal.status, Object.fromEntries(refusal.headers));
      return response.end(await refusal.text());
    }
    if (request.method !== 'POST') return serveLegacy(request, response);
    let body;
    try {
      body = JSON.parse(await readBody(request));
    } catch {
      return refuse(response, 400, -32700, 'Parse error');
    }
    const legacy = await isLegacyRequest(await toWebRequest(request, body), body);
    return legacy ? serveLegacy(request, response, body) : serveModern(request, response, body);
  });
  http.listen(port, '127.0.0.1', () => console.log(`listening ${http.address().port}`));
}

const [kind, port] = process.argv.slice(2);
if (kind === 'http') await serveHttp(Number(port ?? 0));
else if (kind === 'stdio') serveStdio(({ era }) => makeServer(era));
else {
  console.error('usage: conformance_server.mjs http [PORT] | stdio');
  process.exit(1);
}
