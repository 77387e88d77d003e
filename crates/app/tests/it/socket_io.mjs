// Drives real clients: a line of JSON on standard input is something to do, a line on standard output
// something that happened. Clients have names; each line says whose it is.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [packages, address] = process.argv.slice(2);
const { io } = createRequire(packages + "/")("socket.io-client");
const clients = new Map();
const say = (name, what, told) => process.stdout.write(JSON.stringify({ name, what, told }) + "\n");

const todo = {
  connect({ name, options }) {
    const client = io(address, { reconnection: false, forceNew: true, ...options });
    clients.set(name, client);
    client.on("connect", () => say(name, "connect", client.io.engine.transport.name));
    client.on("connect_error", (error) => say(name, "connect_error", error.message));
    client.on("disconnect", (reason) => say(name, "disconnect", reason));
    client.on("task-event", (event, at) => say(name, "task-event", { event, at }));
  },
  subscribe: ({ name, asked }) =>
    clients.get(name).emit("subscribe", asked, (answer) => say(name, "answer", answer)),
  // The connection stays, and nothing is taken from it any more.
  pause: ({ name }) => clients.get(name).io.engine.transport.ws._socket.pause(),
  resume: ({ name }) => clients.get(name).io.engine.transport.ws._socket.resume(),
  close: ({ name }) => clients.get(name).close(),
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const wanted = JSON.parse(line);
    todo[wanted.do](wanted);
  })
  .on("close", () => process.exit(0));
