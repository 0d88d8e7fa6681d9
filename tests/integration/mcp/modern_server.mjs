// An SDK 2 server for both eras on a port the kernel picks; prints "listening PORT".
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import * as z from 'zod';

function makeServer() {
  const server = new McpServer({ name: 'postern-modern-fixture', version: '1.0.0' });
  server.registerTool(
    'echo',
    { description: 'Says it again.', inputSchema: z.object({ message: z.string() }) },
    async ({ message }) => ({ content: [{ type: 'text', text: `Echo: ${message}` }] }),
  );
  return server;
}

const handler = toNodeHandler(createMcpHandler(makeServer));
const http = createServer((request, response) => handler(request, response));
http.listen(0, '127.0.0.1', () => console.log(`listening ${http.address().port}`));
