// Drives a headless Chromium over its debugging pipe: no package, no port.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const [browser, base, profile, screenshot] = process.argv.slice(2);
const chromium = spawn(browser, [
  "--headless=new", "--window-size=1200,1000", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
  `--user-data-dir=${profile}`, "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const [, , , input, output] = chromium.stdio;

let last = 0;
const waiting = new Map();
const seen = { requests: [], complaints: [] };
let unread = "";
output.setEncoding("utf8").on("data", (text) => {
  unread += text;
  const messages = unread.split("\0");
  unread = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    const { resolve, reject } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.error) reject?.(new Error(message.error.message));
    else resolve?.(message.result);
    if (message.method === "Network.requestWillBeSent") seen.requests.push(message.params.request.url);
    if (message.method === "Runtime.exceptionThrown") seen.complaints.push(JSON.stringify(message.params));
    if (message.method === "Log.entryAdded") seen.complaints.push(message.params.entry.text);
  }
});

let session;
function send(method, params = {}) {
  const id = ++last;
  input.write(`${JSON.stringify({ id, method, params, sessionId: session })}\0`);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

async function evaluate(expression) {
  const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true });
  assert.ok(!exceptionDetails, JSON.stringify(exceptionDetails));
  return result.value;
}

/** Asks again until the page's answer is what it should be. */
async function becomes(expression, expected) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await evaluate(expression);
    if (value === expected) return;
    assert.ok(Date.now() < deadline, `${expression} is ${value} and not ${expected}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function press(key, code, text) {
  const event = { key, code: key === " " ? "Space" : key, windowsVirtualKeyCode: code };
  await send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", ...event, text });
  await send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let n = 0; n < 8; n += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A coat, more or less, on a light ground. */
function picture(width, height) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = [x / width, y / height];
      const coat = v > 0.2 && v < 0.9 && Math.abs(u - 0.5) < 0.13 + 0.15 * v;
      const belt = coat && v > 0.5 && v < 0.55;
      rows.set(belt ? [60, 40, 30] : coat ? [176, 92, 60] : [244, 242, 238], y * (width * 3 + 1) + 1 + x * 3);
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

const headers = { Authorization: "page" };

async function upload() {
  const form = new FormData();
  form.append("image", new Blob([picture(150, 200)]), "coat.png");
  const answer = await fetch(`${base}/openapi/agent/assets/images`, { method: "POST", headers, body: form });
  return (await answer.json()).data.image;
}

async function submit(name, key, originalImage, params, taskName) {
  const answer = await fetch(`${base}/openapi/agent/runs`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify({ agent: { name, version: "v1.0" }, input: { originalImage, taskName }, params }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

async function look() {
  const image = await upload();
  await submit("expandimage", "key-1", image, { targetWidth: 300, targetHeight: 240, batchCount: 2 }, "banner");
  await submit("removeBG", "key-2", image, { maskType: "autoSubjectSegment", backgroundHex: "#ced2ce", batchCount: 1 });
  await submit("aiproduct", "key-3", image,
    { generatedContent: "freeCreation", maskType: "autoSubjectSegment", textDescription: "on marble", batchCount: 3 }, "spring");
  await submit("aipose", "key-4", image, { textDescription: "hands in pockets" });

  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  ({ sessionId: session } = await send("Target.attachToTarget", { targetId, flatten: true }));
  for (const domain of ["Page", "Runtime", "Network", "Log", "Accessibility"]) await send(`${domain}.enable`);
  await send("Page.bringToFront");
  await send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await send("Page.navigate", { url: `${base}/` });

  const pictures = "#run-list img";
  const loaded = `[...document.querySelectorAll("${pictures}")].filter((image) => image.complete && image.naturalWidth).length`;
  await becomes(loaded, 5);
  await becomes(`document.querySelectorAll("#run-list > li").length`, 4);
  await becomes(`document.querySelectorAll("#upload-list img").length`, 1);
  await becomes(`document.querySelectorAll("#charges tr").length`, 4);
  await becomes(`document.querySelectorAll(".status.Failed").length`, 1);
  await becomes(`document.getElementById("live").textContent`, "Live.");
  await becomes(`document.body.textContent.includes("the subject was not found")`, true);

  // Live: what happens now appears without a reload.
  await submit("aimodel", "key-5", image,
    { generatedContent: "freeCreation", maskType: "autoApparelSegment", textDescription: "street", batchCount: 4 });
  await becomes(loaded, 9);
  await becomes(`document.getElementById("total").textContent`, "5 charges, 14 points.");

  const { data } = await send("Page.captureScreenshot", { format: "png" });
  writeFileSync(screenshot, Buffer.from(data, "base64"));

  // The keyboard alone: from the skip link to the button, which it presses, to pictures and tables.
  const focus = `(() => { const it = document.activeElement; return it.id || it.className || (it.tagName === "A" && it.querySelector("img") ? "picture" : it.tagName); })()`;
  const path = [];
  for (;;) {
    await press("Tab", 9);
    const step = await evaluate(focus);
    // After the last stop comes the browser itself, or the first one again.
    if (step === "BODY" || path.includes("skip") && step === "skip") break;
    path.push(step);
    assert.ok(path.length < 40, path.join());
    if (path.at(-1) === "pause") {
      await press(" ", 32, " ");
      await becomes(`document.getElementById("pause").getAttribute("aria-pressed")`, "true");
      await becomes(`document.getElementById("live").textContent`, "Paused.");
    }
  }
  assert.deepEqual(path.slice(0, 3), ["skip", "pause", "picture"]);
  assert.equal(path.filter((step) => step === "picture").length, 10, path.join());
  assert.equal(path.filter((step) => step === "scroll").length, 2, path.join());

  const { nodes } = await send("Accessibility.getFullAXTree");
  const named = nodes.filter((node) => ["link", "button", "image", "region", "heading"].includes(node.role?.value) && !node.ignored);
  assert.ok(named.length > 25, `${named.length} nodes`);
  for (const node of named) assert.ok(node.name?.value, `a ${node.role.value} has no name`);

  for (const url of seen.requests) assert.ok(url.startsWith(`${base}/`) || url.startsWith("data:"), url);
  assert.deepEqual(seen.complaints, []);
  console.log(`The page is sound: ${named.length} named elements, ${path.length} stops of the Tab key, ` +
    `${seen.requests.length} requests, none to another host; a picture of it is in ${screenshot}`);
}

try {
  await look();
} finally {
  const closed = new Promise((resolve) => chromium.once("close", resolve));
  session = undefined;
  send("Browser.close").catch(() => {});
  await closed;
}
