import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problems.ts';
import { problemsOf, smallFile, testingFile } from './testing-file.ts';

const SECRET = 'sk-resolved-secret';

describe('a problem', () => {
  test('names file, line, column, key and cure', async () => {
    const file = testingFile('server:\n  port: 8484\n  hots: x\n');
    const error = await loadConfig({ file, env: {} }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toMatch(`${file}:3:3: server.hots: unknown key. Cure: Write 'host'?`);
  });

  test('comes with all others at once', async () => {
    const found = await problemsOf('server: { port: x }\nuser: []\nusers: [{ groups: [a] }]\n');
    expect(found.map((problem) => [problem.line, problem.key])).toEqual([
      [1, 'server.port'],
      [2, 'user'],
      [3, 'users[0].name'],
    ]);
  });
});

/** What stands in place of a part of the small file, and what is said of it. */
const CASES: readonly [name: string, from: string, to: string, key: string, said: RegExp][] = [
  [
    'an unknown key in a service',
    'config:\n      routing',
    'taggs: {}\n    config:\n      routing',
    'model_services[0].taggs',
    /unknown key.*Write 'tags'/,
  ],
  [
    'an unknown provider option',
    'api_key: sk-literal',
    'api_key: sk-literal\n          organisation: x',
    'model_provider_services[0].config.openai.direct.organisation',
    /unknown key.*Write 'organization'/,
  ],
  [
    'a missing provider option',
    '          api_key: sk-literal\n',
    '          {}\n',
    'model_provider_services[0].config.openai.direct.api_key',
    /is required.*Add the key/,
  ],
  [
    'an unknown block',
    'openai:\n',
    'open_ai:\n',
    'model_provider_services[0].config.open_ai',
    /unknown key.*Write 'openai'.*azure_openai/,
  ],
  [
    'two blocks',
    'targets:\n',
    'demo: {}\n      targets:\n',
    'model_provider_services[0].config.demo',
    /more than one provider: 'openai' and 'demo'/,
  ],
  [
    'no block',
    'openai:\n        direct:\n          api_key: sk-literal\n      ',
    '',
    'model_provider_services[0].config',
    /no provider is named.*azure_openai/,
  ],
  [
    'a wrong provider type',
    'openai:\n',
    'provider_type: EXTERNAL_MODEL_PROVIDER_TYPE_ANTHROPIC\n      openai:\n',
    'model_provider_services[0].config.provider_type',
    /does not fit the block 'openai'/,
  ],
  [
    'a relayed provider',
    'direct:\n          api_key: sk-literal',
    'relayed: {}',
    'model_provider_services[0].config.openai.relayed',
    /unknown key.*direct/,
  ],
  [
    'service policies',
    'config:\n      routing',
    'config:\n      service_policies: []\n      routing',
    'model_services[0].config.service_policies',
    /not supported yet/,
  ],
  [
    'a rate limit without its user',
    'config:\n      routing',
    'config:\n      rate_limits:\n        - key: RATE_LIMIT_KEY_USER\n          renewal_period: RATE_LIMIT_RENEWAL_PERIOD_MINUTE\n          requests: 5\n      routing',
    'model_services[0].config.rate_limits[0].principal',
    /is required with RATE_LIMIT_KEY_USER/,
  ],
  [
    'an output of the API',
    'config:\n      routing',
    'etag: x\n    config:\n      routing',
    'model_services[0].etag',
    /only appears in answers/,
  ],
  [
    'an unknown provider service',
    'model_provider_service: main.default.one',
    'model_provider_service: main.default.onne',
    'model_services[0].config.routing.destinations[0].external_model_config.model_provider_service',
    /no provider service 'main.default.onne'.*Write 'main.default.one'/,
  ],
  [
    'a model that is not a target',
    'target: { model: gpt-5.5 }',
    'target: { model: gpt-5-5 }',
    'model_services[0].config.routing.destinations[0].external_model_config.target.model',
    /not among the targets.*Write 'gpt-5.5'/,
  ],
  ['a name of two levels', 'main.team.fast', 'team.fast', 'model_services[0].name', /three levels/],
  ['a dot within a level', 'main.team.fast', 'system.ai.gpt-5.5', 'model_services[0].name', /dashes instead of dots/],
  [
    'an own percentage that is not 100',
    '- external_model_config',
    '- traffic_percentage: 99\n            external_model_config',
    'model_services[0].config.routing.destinations',
    /sum to 99, not to 100/,
  ],
  [
    'a wrong kind of destination',
    '- external_model_config',
    '- destination_type: X\n            external_model_config',
    'model_services[0].config.routing.destinations[0].destination_type',
    /only DESTINATION_TYPE_EXTERNAL/,
  ],
  [
    'a hosted destination',
    '- external_model_config',
    '- pay_per_token_config: {}\n            external_model_config',
    'model_services[0].config.routing.destinations[0].pay_per_token_config',
    /not supported yet/,
  ],
  [
    'a wrong duration',
    'destinations:',
    'first_token_timeout: 5 seconds\n        destinations:',
    'model_services[0].config.routing.first_token_timeout',
    /expected a duration such as "30s"/,
  ],
  [
    'no destinations',
    smallFile.slice(smallFile.indexOf('destinations:')),
    'destinations: []\n',
    'model_services[0].config.routing.destinations',
    /Too small/,
  ],
];

describe('in a file', () => {
  test.each(CASES)('%s', async (_, from, to, key, said) => {
    expect(smallFile).toContain(from);
    const text = smallFile.replace(from, to);
    const found = await problemsOf(text);
    expect(found.map((problem) => problem.key)).toEqual([key]);
    expect(`${found[0]!.message} ${found[0]!.cure}`).toMatch(said);
    const line = text.split('\n')[found[0]!.line! - 1]!;
    expect(line.slice(found[0]!.column! - 1)).not.toBe('');
  });

  test('duplicate names', async () => {
    const [first = '', second = ''] = smallFile.split('model_services:');
    const entry = (list: string): string => list.slice(list.indexOf('  - name'));
    const found = await problemsOf(
      `${first}${entry(first)}model_services:${second}${entry(second)}users: [{ name: A }, { name: a }]\n`,
    );
    expect(found.map((problem) => [problem.key, problem.message])).toEqual([
      ['model_provider_services[1].name', expect.stringMatching(/already taken by model_provider_services\[0\]/)],
      ['model_services[1].name', expect.stringMatching(/already taken by model_services\[0\]/)],
      ['users[1].name', expect.stringMatching(/already there as users\[0\]/)],
    ]);
  });

  test('a missing percentage among several destinations', async () => {
    const entry = smallFile.slice(smallFile.indexOf('          - external'));
    const found = await problemsOf(smallFile + entry);
    expect(found[0]).toMatchObject({
      key: 'model_services[0].config.routing.destinations[0]',
      message: expect.stringMatching(/traffic_percentage is required/),
    });
  });

  test.each([
    ['not YAML', 'server: [1', /not valid YAML/, 1],
    ['the same key twice', 'server: {}\nusers: []\nserver: {}\n', /not valid YAML: Map keys must be unique/, 3],
    ['a list', '- a\n', /not a map/, 1],
    ['text', 'hello\n', /not a map/, 1],
    ['an alias to nothing', 'users: *nobody\n', /nobody/, 1],
  ])('%s', async (_, text, said, line) => {
    const found = await problemsOf(text);
    expect(found[0]?.message).toMatch(said);
    expect(found[0]?.line).toBe(line);
  });

  test('aliases that expand without end', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
    );
    const found = await problemsOf(`l0: &l0 [x]\n${levels.join('\n')}\n`);
    expect(found[0]?.cure).toMatch(/instead of using YAML aliases/);
  });

  test.each([
    ['port: 70000', 'server.port'],
    ['keepalive_interval: 0s', 'server.keepalive_interval'],
    ['idle_timeout: 25h', 'server.idle_timeout'],
    ['max_body_bytes: 1.5', 'server.max_body_bytes'],
    ['max_body_bytes: 64MB', 'server.max_body_bytes'],
    ['max_body_bytes: 10B', 'server.max_body_bytes'],
    ['max_attempts: 0', 'server.max_attempts'],
    ['allowed_private_networks: [10.0.0.0/33]', 'server.allowed_private_networks[0]'],
    ['allowed_private_networks: [localhost]', 'server.allowed_private_networks[0]'],
    ['log_level: verbose', 'server.log_level'],
    ['workspace_id: 7', 'server.workspace_id'],
  ])('server %s', async (setting, key) => {
    const found = await problemsOf(`server: { ${setting} }`);
    expect(found.map((problem) => problem.key)).toEqual([key]);
    expect(found[0]?.message).not.toBe('Invalid input');
  });

  test('that is not there', async () => {
    await expect(loadConfig({ file: '/nowhere/gateway.yaml', env: {} })).rejects.toThrow(
      /^\/nowhere\/gateway.yaml: the file cannot be read \(ENOENT\). Cure: /,
    );
  });
});

describe('secrets', () => {
  const text = smallFile.replace('sk-literal', '${env:KEY}');

  test('that are missing are named by their reference alone', async () => {
    for (const [env, said] of [
      [{}, /not set/],
      [{ KEY: '' }, /is empty/],
    ] as const) {
      const found = await problemsOf(text, env);
      expect(found.map((problem) => problem.key)).toEqual(['model_provider_services[0].config.openai.direct.api_key']);
      expect(found[0]?.message).toMatch('${env:KEY}');
      expect(found[0]?.message).toMatch(said);
      expect(found[0]?.cure).toMatch(/Set KEY where the gateway is started/);
    }
  });

  test('are read from files beside the configuration', async () => {
    const file = testingFile(smallFile.replace('sk-literal', '${file:key.txt}'));
    writeFileSync(path.join(path.dirname(file), 'key.txt'), `${SECRET}\n`);
    const config = await loadConfig({ file, env: {} });
    expect(config.providerServices[0]?.options).toMatchObject({ api_key: SECRET });
  });

  test('in files that are missing, unreadable or empty are problems', async () => {
    const file = testingFile(smallFile.replace('sk-literal', '${file:key.txt}'));
    await expect(loadConfig({ file, env: {} })).rejects.toThrow(
      /\$\{file:key\.txt\}: the file cannot be read \(ENOENT\)/,
    );
    writeFileSync(path.join(path.dirname(file), 'key.txt'), '\n');
    await expect(loadConfig({ file, env: {} })).rejects.toThrow(/the file is empty/);
    if (process.getuid?.() === 0) return;
    chmodSync(path.join(path.dirname(file), 'key.txt'), 0);
    await expect(loadConfig({ file, env: {} })).rejects.toThrow(/EACCES/);
  });

  test('are part of a value too', async () => {
    const found = await problemsOf(text.replace('${env:KEY}', 'pre-${env:A}-${env:B}'), { A: 'a' });
    expect(found[0]?.message).toMatch('${env:B}');
  });

  test('never stand in a problem', async () => {
    const everywhere = [
      text.replace('main.team.fast', '${env:KEY}'),
      text.replace('model_provider_service: main.default.one', 'model_provider_service: a.b.${env:KEY}'),
      text.replace('target: { model: gpt-5.5 }', 'target: { model: "${env:KEY}" }'),
      text.replace('api_key: ${env:KEY}', 'api_key: "${env:KEY} x"'),
      `${text}users: [{ name: "\${env:KEY}" }, { name: "\${env:KEY}" }]\n`,
      `${text}server: { log_level: "\${env:KEY}" }\n`,
    ];
    for (const one of everywhere) {
      const found = await problemsOf(one, { KEY: SECRET });
      expect(found.length, one).toBeGreaterThan(0);
      expect(JSON.stringify(found)).not.toContain(SECRET);
    }
  });
});
