import type http from 'node:http';
import type https from 'node:https';
import type net from 'node:net';
import type tls from 'node:tls';

/** Node's network modules, loaded when they are first used: that takes as long as all the rest of a token helper. */
export const network = {
  get http(): typeof http {
    return process.getBuiltinModule('node:http');
  },
  get https(): typeof https {
    return process.getBuiltinModule('node:https');
  },
  get net(): typeof net {
    return process.getBuiltinModule('node:net');
  },
  get tls(): typeof tls {
    return process.getBuiltinModule('node:tls');
  },
};
