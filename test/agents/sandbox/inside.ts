// Runs inside the network namespace, where there is only a loopback interface:
//   node inside.ts SOCKET PORT NAMES_FILE COMMAND [args…]
// Makes the gateway reachable on 127.0.0.1:PORT through the unix socket, answers every DNS question with
// NXDOMAIN (and notes the name in NAMES_FILE), runs the command and exits as it does.
// Ends at once when its standard input ends: the test that started it is gone.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from './forwarder.ts';

const [socket = '', port = '', namesFile = '', command = '', ...args] = process.argv.slice(2);

await new Promise<void>((resolve) => {
  createServer((client) => join(client, connect(socket))).listen(Number(port), '127.0.0.1', resolve);
});

const dns = createSocket('udp4');
dns.on('message', (question, from) => {
  const { name, end } = askedName(question);
  appendFileSync(namesFile, `${name}\n`);
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8183, 2); // a response, recursion available, NXDOMAIN
  header.writeUInt16BE(1, 4);
  dns.send(Buffer.concat([header, question.subarray(12, end)]), from.port, from.address);
});
await new Promise<void>((resolve) => dns.bind(53, '127.0.0.1', resolve));

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => {
  console.error(String(error));
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 1));
process.stdin.on('end', () => process.exit(1)).resume();

/** The name of the first question and the offset after it (RFC 1035, 4.1.2). */
function askedName(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let offset = 12;
  for (let length = message[offset] ?? 0; length > 0; length = message[offset] ?? 0) {
    labels.push(message.subarray(offset + 1, offset + 1 + length).toString('latin1'));
    offset += length + 1;
  }
  return { name: labels.join('.'), end: offset + 5 };
}
