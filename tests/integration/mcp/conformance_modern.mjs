// What the conformance suite asks of a server of 2026-07-28: input by further rounds of the same
// request, capabilities named with each request, changes announced on subscriptions.
import { randomBytes } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  acceptedContent,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { text } from './conformance_content.mjs';

// One process serves all rounds of a request, so that a key of its own is enough.
export const requestState = createRequestStateCodec({ key: randomBytes(32) });

const done = (value) => ({ content: [text(value)] });
const ask = (message, shape) => inputRequired.elicit({ message, requestedSchema: z.object(shape) });
const complete = (prompt, maxTokens = 100) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: text(prompt) }],
    maxTokens,
  });
const NAME = { name: z.string() };

// `announce` tells every subscription: {toolsChanged(), promptsChanged()}.
export function registerModern(server, announce) {
  registerSingleRounds(server);
  registerStatefulRounds(server);
  registerCapabilities(server);
  server.registerTool(
    'test_logging_tool',
    { description: 'Logs a line, if the request asked for lines.' },
    async (context) => {
      await context.mcpReq.log('info', 'This line is only for those who asked.');
      return done('Logged.');
    },
  );
  for (const [name, change] of [
    ['test_trigger_tool_change', () => announce.toolsChanged()],
    ['test_trigger_prompt_change', () => announce.promptsChanged()],
  ]) {
    server.registerTool(name, { description: 'Announces a change to subscriptions.' }, async () => {
      change();
      return done('Announced.');
    });
  }
}

function registerSingleRounds(server) {
  const tool = (name, inputRequests, answer) =>
    server.registerTool(name, { description: `Needs input first (${name}).` }, async (context) => {
      const value = answer(context.mcpReq.inputResponses);
      return value === undefined ? inputRequired({ inputRequests }) : done(value);
    });
  tool(
    'test_input_required_result_elicitation',
    { user_name: ask('What is your name?', NAME) },
    (said) => {
      const accepted = acceptedContent(said, 'user_name', z.object(NAME));
      return accepted && `Hello, ${accepted.name}!`;
    },
  );
  tool(
    'test_input_required_result_sampling',
    { capital_question: complete('What is the capital of France?') },
    (said) => inputResponse(said, 'capital_question').result?.content.text,
  );
  tool(
    'test_input_required_result_list_roots',
    { client_roots: inputRequired.listRoots() },
    (said) =>
      inputResponse(said, 'client_roots')
        .roots?.map((each) => each.uri)
        .join(', '),
  );
  tool('test_streaming_elicitation', { user_name: ask('What is your name?', NAME) }, (said) => {
    const accepted = acceptedContent(said, 'user_name', z.object(NAME));
    return accepted && `Hello, ${accepted.name}!`;
  });
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Needs a context first.' },
    async (context) => {
      const shape = { context: z.string() };
      const said = acceptedContent(context.mcpReq.inputResponses, 'user_context', z.object(shape));
      return said
        ? { messages: [{ role: 'user', content: text(`Context: ${said.context}`) }] }
        : inputRequired({
            inputRequests: { user_context: ask('What context should the prompt use?', shape) },
          });
    },
  );
}

function registerStatefulRounds(server) {
  const tool = (name, round) =>
    server.registerTool(
      name,
      { description: `Carries state between rounds (${name}).` },
      (context) => round(context.mcpReq.requestState(), context.mcpReq.inputResponses),
    );
  const again = async (inputRequests, state) =>
    inputRequired({ inputRequests, requestState: await requestState.mint(state) });
  const confirmation = { confirm: ask('Please confirm', { ok: z.boolean() }) };
  for (const name of [
    'test_input_required_result_request_state',
    'test_input_required_result_tampered_state',
  ]) {
    tool(name, (state, said) =>
      state?.tool === name && acceptedContent(said, 'confirm')
        ? done('state-ok')
        : again(confirmation, { tool: name }),
    );
  }
  tool('test_input_required_result_multiple_inputs', (state, said) => {
    const named = acceptedContent(said, 'user_name');
    const roots = inputResponse(said, 'client_roots').roots;
    const greeting = inputResponse(said, 'greeting').result?.content.text;
    if (state && named && roots && greeting)
      return done(`${greeting} ${named.name}, ${roots.length} root`);
    const inputRequests = {
      user_name: ask('What is your name?', NAME),
      greeting: complete('Generate a greeting', 50),
      client_roots: inputRequired.listRoots(),
    };
    return again(inputRequests, { several: true });
  });
  tool('test_input_required_result_multi_round', (state, said) => {
    const named = acceptedContent(said, 'step1');
    const chosen = acceptedContent(said, 'step2');
    if (state?.round === 2 && chosen) return done(`${state.name} likes ${chosen.color}.`);
    if (state?.round === 1 && named) {
      const colour = ask('Step 2: What is your favorite color?', { color: z.string() });
      return again({ step2: colour }, { round: 2, name: named.name });
    }
    return again({ step1: ask('Step 1: What is your name?', NAME) }, { round: 1 });
  });
}

function registerCapabilities(server) {
  // The SDK refuses to ask for what the client did not declare: -32021.
  server.registerTool('test_missing_capability', { description: 'Needs sampling.' }, async () =>
    inputRequired({ inputRequests: { greeting: complete('Generate a greeting', 50) } }),
  );
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks for what the client can do.' },
    async (context) => {
      const inputRequests = {};
      const declared = context.mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
      if (declared.elicitation) inputRequests.user_name = ask('What is your name?', NAME);
      if (declared.sampling) inputRequests.greeting = complete('Generate a greeting', 50);
      return inputRequired({ inputRequests });
    },
  );
}
