import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { scripted, unreliable, type Fate } from "./unreliable.ts";

const message = (type: string, body: string): Buffer => {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type + "\0\0\0\0" + body, "latin1");
  bytes.writeInt32BE(4 + body.length, 1);
  return bytes;
};
const startup = Buffer.alloc(20);
startup.writeInt32BE(20, 0);
startup.writeInt32BE(196_608, 4);
const select = message("Q", "select 'commit'\0");
const commit = message("Q", "commit\0");
const done = Buffer.concat([message("C", "COMMIT\0"), message("Z", "I")]);

/** A server that notes what it hears and does what the test tells it. */
async function lineTo(...fates: Fate[]) {
  const heard: Buffer[] = [];
  let there: Socket | undefined;
  const server = createServer((socket) => {
    there = socket.on("error", () => undefined).on("data", (bytes) => heard.push(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const network = await unreliable(`postgres://user@127.0.0.1:${port}/db`, scripted(...fates));
  const got: Buffer[] = [];
  let closed = false;
  const client = connect(Number(new URL(network.url).port), "127.0.0.1");
  client.setNoDelay(true);
  client.on("error", () => undefined).on("close", () => (closed = true));
  client.on("data", (bytes) => got.push(bytes));
  onTestFinished(async () => {
    client.destroy();
    await network.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    client,
    network,
    answer: (bytes: Buffer) => there?.write(bytes),
    heard: () => Buffer.concat(heard).toString("latin1"),
    got: () => Buffer.concat(got).toString("latin1"),
    closed: () => closed,
  };
}

const textOf = (...parts: Buffer[]) => Buffer.concat(parts).toString("latin1");

describe("a bad network", () => {
  it("finds COMMIT among other messages in one packet, and lets through what came before it", async () => {
    const line = await lineTo("cutBefore");
    line.client.write(Buffer.concat([startup, select, commit, select]));
    await vi.waitFor(() => expect(line.closed()).toBe(true));
    expect(line.heard()).not.toContain(textOf(commit));
    expect(line.network.counts).toMatchObject({ commits: 1, cutsBefore: 1 });
  });

  it("finds COMMIT that comes byte by byte, and passes it on once", async () => {
    const line = await lineTo("pass");
    for (const byte of Buffer.concat([startup, commit])) {
      await new Promise((sent) => line.client.write(Buffer.of(byte), sent));
    }
    await vi.waitFor(() => expect(line.heard()).toBe(textOf(startup, commit)));
    expect(line.network.counts.commits).toBe(1);
  });

  it("cuts after the server has done it, and nobody hears of it", async () => {
    const line = await lineTo("cutAfter");
    line.client.write(Buffer.concat([startup, commit]));
    await vi.waitFor(() => expect(line.heard()).toBe(textOf(startup, commit)));
    expect(line.closed()).toBe(false);
    line.answer(done);
    await vi.waitFor(() => expect(line.closed()).toBe(true));
    expect(line.got()).toBe("");
  });

  it("delivers a late COMMIT although its sender has gone", async () => {
    const line = await lineTo({ delayMs: 100 });
    line.client.write(Buffer.concat([startup, commit]));
    await vi.waitFor(() => expect(line.network.counts.late).toBe(1));
    line.client.destroy();
    await vi.waitFor(() => expect(line.heard()).toContain(textOf(commit)));
  });

  it("holds nothing back but the answer of COMMIT", async () => {
    const line = await lineTo({ holdBackMs: 100 });
    line.client.write(Buffer.concat([startup, commit]));
    await vi.waitFor(() => expect(line.heard()).toContain(textOf(commit)));
    line.answer(Buffer.concat([message("N", "notice\0"), done]));
    await vi.waitFor(() => expect(line.got()).toBe(textOf(message("N", "notice\0"))));
    await vi.waitFor(() => expect(line.got()).toContain(textOf(done)));
  });
});
