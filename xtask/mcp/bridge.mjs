// Lets a test suite that only speaks HTTP talk to a server that speaks standard input and output:
// each request is handed on as it came, and its answer handed back. Decides nothing.
//
//     node bridge.mjs PROGRAM [ARGUMENT…]      prints the address it listens on
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const [program, ...rest] = process.argv.slice(2);
const server = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
const waiting = new Map();
createInterface({ input: server.stdout }).on("line", (line) => {
  const message = JSON.parse(line);
  const answer = waiting.get(String(message.id));
  if (!answer) return;
  waiting.delete(String(message.id));
  answer(message);
});
server.on("exit", () => process.exit(1));

let count = 0;
const http = createServer((request, response) => {
  if (request.method !== "POST") {
    response.writeHead(405, { allow: "POST" }).end();
    return;
  }
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    let message;
    try {
      message = JSON.parse(body);
    } catch {
      response.writeHead(400).end();
      return;
    }
    if (message.id === undefined || message.method === undefined) {
      server.stdin.write(JSON.stringify(message) + "\n");
      response.writeHead(202).end();
      return;
    }
    // Several clients number their requests alike; here each request has a number of its own.
    const own = message.id;
    message.id = `bridge-${++count}`;
    waiting.set(message.id, (answer) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ...answer, id: own }));
    });
    server.stdin.write(JSON.stringify(message) + "\n");
  });
});
http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}/mcp`));
