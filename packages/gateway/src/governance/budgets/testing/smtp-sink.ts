import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A mail as it arrived. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text, dots unstuffed. */
  readonly data: string;
}

export interface SmtpSinkOptions {
  /** What EHLO offers, such as `STARTTLS`, `AUTH PLAIN`. */
  readonly offers?: readonly string[];
  /** Answers to commands in place of the usual, by their first word; `undefined` from the function: the usual. */
  readonly answer?: (command: string) => string | 'hang' | 'close' | undefined;
}

/** A mail server that speaks SMTP (RFC 5321) without TLS, and keeps what it is given. */
export interface SmtpSink {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Every command as it came. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

export async function startSmtpSink({
  offers = [],
  answer = () => undefined,
}: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const mails: ReceivedMail[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let from = '';
    let to: string[] = [];
    let data: string[] | undefined;
    const reply = (text: string): void => void socket.write(`${text}\r\n`);
    const usual = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO')
        return reply(['250-sink', ...offers.map((offer) => `250-${offer}`), '250 8BITMIME'].join('\r\n'));
      if (verb === 'MAIL') {
        from = /<(.*)>/.exec(line)?.[1] ?? '';
        to = [];
      }
      if (verb === 'RCPT') to.push(/<(.*)>/.exec(line)?.[1] ?? '');
      if (verb === 'DATA') {
        data = [];
        return reply('354 go on');
      }
      if (verb === 'STAR') return reply('502 there is no TLS here');
      if (verb === 'AUTH') return reply('235 welcome');
      if (verb === 'QUIT') return void socket.end('221 bye\r\n');
      reply('250 ok');
    };
    const take = (line: string): void => {
      if (data !== undefined) {
        if (line !== '.') return void data.push(line.startsWith('..') ? line.slice(1) : line);
        const mail = { from, to, data: data.join('\n') };
        data = undefined;
        const said = answer('.');
        if (said === 'close') return void socket.destroy();
        if (said === 'hang') return;
        if (said !== undefined) return reply(said);
        mails.push(mail);
        return reply('250 kept');
      }
      commands.push(line);
      const said = answer(line);
      if (said === 'close') return void socket.destroy();
      if (said === 'hang') return;
      if (said !== undefined) return reply(said);
      usual(line);
    };
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    reply('220 sink');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    commands,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
