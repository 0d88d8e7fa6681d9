// usage: calls.mjs sdk1 | sdk2-legacy | sdk2-modern   URL CALLS-JSON
// Makes every [tool, arguments] of CALLS in one session, one after the other, and prints a JSON line
// with what each gave: {"text": …} or {"error": …}.
import { open } from './session.mjs';

const [kind, url, calls] = process.argv.slice(2);
const client = await open(kind, url);
const outcomes = [];
for (const [name, args] of JSON.parse(calls)) {
  try {
    const result = await client.callTool({ name, arguments: args });
    outcomes.push({ text: result.content[0].text });
  } catch (error) {
    outcomes.push({ error: String(error.message ?? error) });
  }
}
console.log(JSON.stringify(outcomes));
await client.close();
process.exit(0);
