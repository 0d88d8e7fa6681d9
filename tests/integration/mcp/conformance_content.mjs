// What the conformance suite asks of a server in both eras: content, resources, prompts, words.
import { ResourceTemplate, completable, fromJsonSchema } from '@modelcontextprotocol/server';
import * as z from 'zod';

// 1x1 pixel; 44 bytes of RIFF header and two samples.
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const WAV = 'UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAAA';

export const text = (value) => ({ type: 'text', text: value });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const resource = (uri, mimeType, value) => ({
  type: 'resource',
  resource: { uri, mimeType, text: value },
});
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function registerContent(server) {
  registerPlainTools(server);
  registerTalkingTools(server);
  registerSchemaTools(server);
  registerResources(server);
  registerPrompts(server);
}

function registerPlainTools(server) {
  const answers = {
    test_simple_text: [text('This is a simple text response for testing.')],
    test_image_content: [image],
    test_audio_content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
    test_embedded_resource: [
      resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
    ],
    test_multiple_content_types: [
      text('Multiple content types test:'),
      image,
      resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  };
  for (const [name, content] of Object.entries(answers)) {
    server.registerTool(
      name,
      { description: `Answers with fixed content (${name}).` },
      async () => ({
        content,
      }),
    );
  }
  server.registerTool('test_error_handling', { description: 'Always fails.' }, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
}

function registerTalkingTools(server) {
  server.registerTool(
    'test_tool_with_logging',
    { description: 'Logs three lines while it works.' },
    async (context) => {
      await context.mcpReq.log('info', 'Tool execution started');
      await pause(50);
      await context.mcpReq.log('info', 'Tool processing data');
      await pause(50);
      await context.mcpReq.log('info', 'Tool execution completed');
      return { content: [text('Three lines were logged.')] };
    },
  );
  server.registerTool(
    'test_tool_with_progress',
    { description: 'Reports progress three times, where a token was given.' },
    async (context) => {
      const progressToken = context.mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progressToken !== undefined) {
          await context.mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress, total: 100 },
          });
        }
        if (progress < 100) await pause(50);
      }
      return { content: [text('All of it is done.')] };
    },
  );
}

function registerSchemaTools(server) {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  };
  server.registerTool(
    'json_schema_2020_12_tool',
    {
      description: 'Has an input schema with much of the vocabulary.',
      inputSchema: fromJsonSchema(schema),
    },
    async (given) => ({ content: [text(JSON.stringify(given))] }),
  );
  const mirrored = {
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
    required: ['region'],
  };
  server.registerTool(
    'test_mirrored_argument',
    {
      description: 'Has an argument that a header repeats.',
      inputSchema: fromJsonSchema(mirrored),
    },
    async ({ region }) => ({ content: [text(region)] }),
  );
}

function registerResources(server) {
  const fixed = (name, uri, mimeType, content) =>
    server.registerResource(
      name,
      uri,
      { description: `Fixed content (${name}).`, mimeType },
      async () => ({
        contents: [{ uri, mimeType, ...content }],
      }),
    );
  fixed('static-text', 'test://static-text', 'text/plain', {
    text: 'This is the content of the static text resource.',
  });
  fixed('static-binary', 'test://static-binary', 'image/png', { blob: PNG });
  fixed('watched-resource', 'test://watched-resource', 'text/plain', { text: 'Watched.' });
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data for an id.', mimeType: 'application/json' },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
}

function registerPrompts(server) {
  const user = (content) => ({ role: 'user', content });
  server.registerPrompt('test_simple_prompt', { description: 'Takes nothing.' }, async () => ({
    messages: [user(text('This is a simple prompt for testing.'))],
  }));
  const word = (description) =>
    completable(z.string().describe(description), (value) =>
      ['paris', 'park', 'party', 'testing'].filter((each) => each.startsWith(value)),
    );
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'Takes two arguments.',
      argsSchema: z.object({
        arg1: word('First test argument'),
        arg2: word('Second test argument'),
      }),
    },
    async ({ arg1, arg2 }) => ({
      messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
    }),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Embeds a resource.', argsSchema: z.object({ resourceUri: z.string() }) },
    async ({ resourceUri }) => ({
      messages: [
        user(resource(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ],
    }),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Shows an image.' }, async () => ({
    messages: [user(image), user(text('Please analyze the image above.'))],
  }));
}
