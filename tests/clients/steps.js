'use strict';
// Runs the steps of a client's script one after the other, and prints a line for each: "ok NAME" or "FAIL NAME why".

const crypto = require('crypto');
const dns = require('dns');
const fs = require('fs');
const http = require('http');
const path = require('path');

const PORT = Number(process.env.CLIENTS_PORT);
const KEY = process.env.CLIENTS_KEY;
const FOLDER = process.env.CLIENTS_FOLDER;

// The vendors' names lead to this machine. The emulator knows by the name which service and bucket is asked.
const lookup = dns.lookup;
dns.lookup = (name, options, callback) => {
  const here = /\.(aliyuncs|myqcloud)\.com$/.test(name) ? '127.0.0.1' : name;
  return lookup(here, options, callback);
};

const ONLY = process.env.CLIENTS_ONLY || '';
const steps = [];

/** Add a step, if its name has the wanted text. What its function throws is why it fails. */
function step(name, work) {
  if (name.includes(ONLY)) steps.push([name, work]);
}

/** Run all steps, also after one that failed, and end the process with 1 if one failed. */
async function run() {
  let failed = 0;
  for (const [name, work] of steps) {
    try {
      await work();
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name} ${reason(error)}`);
    }
  }
  process.exit(failed ? 1 : 0);
}

function reason(error) {
  const said = error instanceof Error ? `${error.name} ${error.message}` : JSON.stringify(error);
  return said.replace(/\s+/g, ' ').slice(0, 600);
}

/** Run `work`, which the service must refuse, and return the error. */
async function refused(work) {
  let answer;
  try {
    answer = await work();
  } catch (error) {
    return error;
  }
  throw new Error(`it was not refused: ${JSON.stringify(answer)}`);
}

/** Send a request as a browser does, to an address without a client, and return its status, headers and body. */
function send(method, address, { headers = {}, body = Buffer.alloc(0) } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Post a form as a browser does. The file is its last field. */
function postForm(address, fields, file) {
  const boundary = 'clients-form';
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n`);
  const body = Buffer.concat([Buffer.from(parts.join('')), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return send('POST', address, { headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` }, body });
}

async function control(what) {
  const answer = await send('GET', `http://127.0.0.1:${PORT}/_emulator/${what}`);
  return JSON.parse(answer.body);
}

/** Run `upload`, wait until its events are handled, and fail unless the function was invoked exactly once. */
async function invokedOnce(name, upload) {
  const before = (await control(`functions/${name}`)).invocations;
  await upload();
  while ((await control(`functions/${name}/queue`)).pending.length) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const invocations = (await control(`functions/${name}`)).invocations - before;
  if (invocations !== 1) throw new Error(`the function was invoked ${invocations} times`);
}

/** Return `size` bytes that are the same in each run. */
function bytes(size) {
  return crypto.createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** Write these bytes to a file in the folder of this run, and return its path. */
function file(name, data) {
  const where = path.join(FOLDER, name);
  fs.writeFileSync(where, data);
  return where;
}

module.exports = { FOLDER, KEY, PORT, bytes, file, invokedOnce, postForm, refused, run, send, step };
