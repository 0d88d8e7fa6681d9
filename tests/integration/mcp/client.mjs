// usage: client.mjs sdk1 | sdk2-legacy | sdk2-modern   URL TOOL ARGUMENTS-JSON
// Connects, lists the tools, calls one, prints one JSON line; exits 0 when all of it worked.
import { open } from './session.mjs';

const [kind, url, tool, argumentsJson] = process.argv.slice(2);
const client = await open(kind, url);
const tools = (await client.listTools()).tools.map((each) => each.name);
const result = await client.callTool({ name: tool, arguments: JSON.parse(argumentsJson ?? '{}') });
console.log(JSON.stringify({ tools, result }));
await client.close();
process.exit(result.isError ? 1 : 0);
