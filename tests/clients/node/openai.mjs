// OpenAI's own client for JavaScript, against the gateway that FREEHOLD_URL and FREEHOLD_KEY name.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const made = { baseURL: process.env.FREEHOLD_URL, apiKey: process.env.FREEHOLD_KEY, maxRetries: 0 };
const client = new OpenAI(made);
const ask = { model: "support", messages: [{ role: "user", content: "say “hé” 😀" }] };
const Ticket = z.object({ intent: z.enum(["refund", "other"]), order: z.string() });

test("a stream is the plain answer in pieces", async () => {
  const plain = await client.chat.completions.create({ ...ask, n: 2, logprobs: true });
  assert.equal(plain.choices.length, 2);
  assert.match(plain._request_id, /^req_/);
  let said = "";
  for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
    said += chunk.choices[0].delta.content ?? "";
  }
  assert.equal(said, plain.choices[0].message.content);
});

test("usage comes in the stream where it is asked for", async () => {
  const options = { stream: true, stream_options: { include_usage: true } };
  let usage = null;
  for await (const chunk of await client.chat.completions.create({ ...ask, ...options })) usage = chunk.usage;
  assert.ok(usage.total_tokens > 0);
});

test("the helper for streams collects the answer", async () => {
  const stream = client.chat.completions.stream(ask);
  const pieces = [];
  stream.on("content", (piece) => pieces.push(piece));
  assert.equal(await stream.finalContent(), pieces.join(""));
});

test("a stream that is given up leaves the client usable", async () => {
  const stream = await client.chat.completions.create({ ...ask, stream: true });
  for await (const _ of stream) break;
  assert.ok(await client.chat.completions.create(ask));
});

test("schemas are parsed, plain and streamed", async () => {
  const format = { ...ask, response_format: zodResponseFormat(Ticket, "ticket") };
  const plain = await client.chat.completions.parse(format);
  const streamed = await client.chat.completions.stream(format).finalChatCompletion();
  assert.deepEqual(plain.choices[0].message.parsed, { intent: "refund", order: "hé" });
  assert.deepEqual(streamed.choices[0].message.parsed, plain.choices[0].message.parsed);
});

test("the runner of tools calls them and gives their results back", async () => {
  const heard = [];
  const tool = (name, parameters) =>
    zodFunction({ name, parameters, function: (said) => (heard.push([name, said]), "sunny") });
  const tools = [tool("weather", z.object({ city: z.string(), days: z.number() })), tool("clock", z.object({}))];
  const messages = [{ role: "user", content: "weather in 'Rome' for 3 days and the clock" }];
  for (const stream of [false, true]) {
    const runner = client.chat.completions.runTools({ model: "support", messages, tools, stream });
    assert.match(await runner.finalContent(), /sunny/);
  }
  assert.deepEqual(heard.slice(0, 2), [["weather", { city: "Rome", days: 3 }], ["clock", {}]]);
  assert.equal(heard.length, 4);
});

test("embeddings come as floats though the client asks for base64", async () => {
  const rows = await client.embeddings.create({ model: "support", input: ["a", "b"], dimensions: 8 });
  assert.deepEqual(rows.data.map((row) => row.embedding.length), [8, 8]);
  const floats = await client.embeddings.create({ model: "support", input: ["a", "b"], dimensions: 8, encoding_format: "float" });
  assert.deepEqual(rows.data[1].embedding, floats.data[1].embedding);
});

test("completions and models", async () => {
  const text = await client.completions.create({ model: "support", prompt: "Once" });
  let said = "";
  for await (const part of await client.completions.create({ model: "support", prompt: "Once", stream: true })) {
    said += part.choices[0].text;
  }
  assert.equal(said, text.choices[0].text);
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.deepEqual(names, ["support", "gpt", "moderator"]);
  assert.equal((await client.models.retrieve("gpt")).id, "gpt");
});

test("moderations", async () => {
  const { results } = await client.moderations.create({ input: ["hi", "ho"] });
  assert.deepEqual(results.map((result) => result.categories["self-harm/intent"]), [false, false]);
});

test("responses plain, streamed, parsed and with tools", async () => {
  const asked = { model: "support", input: "say “hé”" };
  const plain = await client.responses.create(asked);
  let said = "";
  for await (const event of await client.responses.create({ ...asked, stream: true })) {
    if (event.type === "response.output_text.delta") said += event.delta;
  }
  assert.equal(said, plain.output_text);
  const parsed = await client.responses.parse({ ...asked, text: { format: zodTextFormat(Ticket, "ticket") } });
  assert.deepEqual(parsed.output_parsed, { intent: "refund", order: "hé" });
  const tools = [{ type: "function", name: "clock", parameters: { type: "object", properties: {} }, strict: false }];
  const first = await client.responses.create({ ...asked, tools });
  const call = first.output.find((item) => item.type === "function_call");
  const input = [{ role: "user", content: "x" }, ...first.output, { type: "function_call_output", call_id: call.call_id, output: "noon" }];
  assert.match((await client.responses.create({ model: "support", input, tools })).output_text, /noon/);
});

test("errors are the client's own", async () => {
  const fails = (status) => ({ model: "support", messages: [{ role: "user", content: `fail ${status} retry-after=7` }] });
  const cases = [
    [OpenAI.NotFoundError, { ...ask, model: "nope" }],
    [OpenAI.BadRequestError, { ...ask, messages: [] }],
    [OpenAI.BadRequestError, fails(400)],
    [OpenAI.UnprocessableEntityError, fails(422)],
    [OpenAI.RateLimitError, fails(429)],
    [OpenAI.InternalServerError, fails(500)],
  ];
  for (const stream of [false, true]) {
    for (const [kind, body] of cases) await assert.rejects(client.chat.completions.create({ ...body, stream }), kind);
  }
  const error = await client.chat.completions.create(fails(429)).catch((raised) => raised);
  assert.equal(error.headers.get("retry-after"), "7");
  const stranger = new OpenAI({ ...made, apiKey: "sk-nope" });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});

test("the client waits as long as the model asks and tries again", async () => {
  const patient = new OpenAI({ ...made, maxRetries: 1 });
  const began = Date.now();
  await patient.chat.completions.create({ model: "support", messages: [{ role: "user", content: "fail 429 retry-after=1 once, js" }] });
  assert.ok(Date.now() - began >= 1000);
});
