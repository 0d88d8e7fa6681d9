// What the conformance suite asks of a server up to 2025-11-25: requests from the server to the
// client, subscriptions to resources, streams that end before their answer.
import * as z from 'zod';
import { text } from './conformance_content.mjs';

// Without this the SDK asks on the session's own stream, which a client may not have opened yet.
const onItsOwnStream = (context) => ({ relatedRequestId: context.mcpReq.id });

export function registerLegacy(server) {
  registerQuestions(server);
  registerSubscriptions(server);
  server.registerTool(
    'test_reconnection',
    { description: 'Ends the stream of its call and answers on the next.' },
    async (context) => {
      context.http?.closeSSE?.();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { content: [text('Answered after the stream was closed.')] };
    },
  );
}

function registerQuestions(server) {
  server.registerTool(
    'test_sampling',
    {
      description: 'Asks the client for a completion.',
      inputSchema: z.object({ prompt: z.string() }),
    },
    async ({ prompt }, context) => {
      const said = await context.mcpReq.requestSampling(
        { messages: [{ role: 'user', content: text(prompt) }], maxTokens: 100 },
        onItsOwnStream(context),
      );
      return { content: [text(`LLM response: ${said.content.text}`)] };
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user for a name.', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, context) => {
      const requestedSchema = {
        type: 'object',
        properties: {
          username: { type: 'string', description: "User's response" },
          email: { type: 'string', description: "User's email address" },
        },
        required: ['username', 'email'],
      };
      const said = await context.mcpReq.elicitInput(
        { message, requestedSchema },
        onItsOwnStream(context),
      );
      return {
        content: [
          text(`User response: action: ${said.action}, content: ${JSON.stringify(said.content)}`),
        ],
      };
    },
  );
  registerForm(server, 'test_elicitation_sep1034_defaults', {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  });
  const titled = (...titles) =>
    titles.map((title, index) => ({ const: `value${index + 1}`, title }));
  const plain = ['option1', 'option2', 'option3'];
  registerForm(server, 'test_elicitation_sep1330_enums', {
    untitledSingle: { type: 'string', enum: plain },
    titledSingle: {
      type: 'string',
      oneOf: titled('First Option', 'Second Option', 'Third Option'),
    },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: plain } },
    titledMulti: {
      type: 'array',
      items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') },
    },
  });
}

function registerForm(server, name, properties) {
  server.registerTool(
    name,
    { description: `Shows the user a form (${name}).` },
    async (context) => {
      const requestedSchema = { type: 'object', properties, required: [] };
      const said = await context.mcpReq.elicitInput(
        { message: 'Please fill in the form.', requestedSchema },
        onItsOwnStream(context),
      );
      const content = JSON.stringify(said.content);
      return {
        content: [text(`Elicitation completed: action=${said.action}, content=${content}`)],
      };
    },
  );
}

function registerSubscriptions(server) {
  const watched = new Set();
  server.server.setRequestHandler('resources/subscribe', async ({ params }) => {
    watched.add(params.uri);
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', async ({ params }) => {
    watched.delete(params.uri);
    return {};
  });
}
