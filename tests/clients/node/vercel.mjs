// Vercel's AI SDK, by its provider for OpenAI (responses and chat) and the one for whatever speaks like it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const made = { baseURL: process.env.FREEHOLD_URL, apiKey: process.env.FREEHOLD_KEY };
const openai = createOpenAI(made);
const compatible = createOpenAICompatible({ ...made, name: "freehold", includeUsage: true, supportsStructuredOutputs: true });
const models = { chat: openai.chat("support"), responses: openai.responses("support"), compatible: compatible("support") };
const Ticket = z.object({ intent: z.enum(["refund", "other"]), order: z.string() });

for (const [name, model] of Object.entries(models)) {
  test(`${name}: a stream is the plain answer in pieces, with its usage`, async () => {
    const plain = await generateText({ model, prompt: "say “hé” 😀", system: "Be brief." });
    const stream = streamText({ model, prompt: "say “hé” 😀", system: "Be brief." });
    let said = "";
    for await (const piece of stream.textStream) said += piece;
    assert.equal(said, plain.text);
    assert.ok(said.includes("hé"));
    assert.ok(plain.usage.totalTokens > 0);
    assert.equal((await stream.usage).totalTokens, plain.usage.totalTokens);
    assert.equal(await stream.finishReason, "stop");
  });

  test(`${name}: objects of a schema`, async () => {
    const output = Output.object({ schema: Ticket });
    const plain = await generateText({ model, prompt: "an order 'A1'", output });
    assert.deepEqual(plain.output, { intent: "refund", order: "A1" });
    const streamed = streamText({ model, prompt: "an order 'A1'", output });
    let last;
    for await (const part of streamed.partialOutputStream) last = part;
    assert.deepEqual(last, plain.output);
  });

  test(`${name}: tools are called in parallel and answered`, async () => {
    const called = [];
    const kept = (inputSchema, word) =>
      tool({ inputSchema, execute: async (given) => (called.push([word, given]), "sunny") });
    const tools = { weather: kept(z.object({ city: z.string(), days: z.number() }), "weather"), clock: kept(z.object({}), "clock") };
    const asked = { model, tools, prompt: "weather in 'Rome' for 3 days and the clock", stopWhen: stepCountIs(4) };
    const plain = await generateText(asked);
    const stream = streamText(asked);
    await stream.consumeStream();
    assert.match(plain.text, /sunny/);
    assert.match(await stream.text, /sunny/);
    const once = [["weather", { city: "Rome", days: 3 }], ["clock", {}]];
    assert.deepEqual(called, [...once, ...once]);
  });

  test(`${name}: errors carry their status and say whether to try again`, async () => {
    const quiet = { model, maxRetries: 0 };
    const refused = await generateText({ ...quiet, prompt: "fail 400" }).catch((raised) => raised);
    assert.deepEqual([refused.statusCode, refused.isRetryable, refused.message], [400, false, "as asked"]);
    const later = await generateText({ ...quiet, prompt: "fail 429 retry-after=7" }).catch((raised) => raised);
    assert.deepEqual([later.statusCode, later.isRetryable, later.responseHeaders["retry-after"]], [429, true, "7"]);
    let told;
    const stream = streamText({ ...quiet, prompt: "fail 503", onError: ({ error }) => (told = error) });
    await stream.consumeStream();
    assert.equal(told.statusCode, 503);
  });

  test(`${name}: a 429 is tried again`, async () => {
    const { text } = await generateText({ model, prompt: `fail 429 once, ${name}`, maxRetries: 1 });
    assert.ok(text);
  });
}

test("images reach the model", async () => {
  const image = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
  const content = [{ type: "text", text: "what is this" }, { type: "image", image, mediaType: "image/png" }];
  for (const model of Object.values(models)) assert.ok((await generateText({ model, messages: [{ role: "user", content }] })).text);
});

test("embeddings", async () => {
  for (const provider of [openai, compatible]) {
    const model = provider.textEmbeddingModel ? provider.textEmbeddingModel("support") : provider.embeddingModel("support");
    const { embeddings } = await embedMany({ model, values: ["a", "b"] });
    assert.deepEqual(embeddings.map((row) => row.length), [4, 4]);
  }
});

test("a wrong key is told as such", async () => {
  const stranger = createOpenAI({ ...made, apiKey: "sk-nope" });
  const error = await generateText({ model: stranger.chat("support"), prompt: "hi", maxRetries: 0 }).catch((raised) => raised);
  assert.equal(error.statusCode, 401);
  assert.match(error.message, /Incorrect API key provided/);
});
