import fc from 'fast-check';
import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { contentAt, sameContent } from './content.ts';
import { FormatError, type Change, type Place } from './format.ts';
import { applyChanges, formats, restorePlaces, type FormatName } from './index.ts';

function placesOf(changes: readonly Change[]): Place[] {
  return changes.map(([place]) => place);
}

/** Applies and takes out again: bytes as before, and a second time changes nothing. */
function roundTrip(name: FormatName, text: string | undefined, changes: readonly Change[]): string {
  const after = applyChanges(name, text, changes);
  expect(applyChanges(name, after, changes)).toBe(after);
  expect(restorePlaces(name, after, text, placesOf(changes))).toBe(text);
  return after;
}

describe('JSON', () => {
  const changes: Change[] = [
    [['env', 'B'], '2'],
    [
      ['hooks', 'x'],
      [1, { y: 2 }],
    ],
    [['top'], true],
  ];

  test.each<[text: string | undefined, after: string]>([
    [
      '{\n    // mine\n    "theme": "dark", // too\n    "env": { "A": "1" },\n}\n',
      '{\n    // mine\n    "theme": "dark", // too\n    "env": { "A": "1", "B": "2" },\n    "hooks": {\n        "x": [\n            1,\n            {\n                "y": 2\n            }\n        ]\n    },\n    "top": true,\n}\n',
    ],
    [
      '{\r\n\t"env": {\r\n\t\t"A": "1" // last\r\n\t}\r\n}',
      '{\r\n\t"env": {\r\n\t\t"A": "1", // last\r\n\t\t"B": "2"\r\n\t},\r\n\t"hooks": {\r\n\t\t"x": [\r\n\t\t\t1,\r\n\t\t\t{\r\n\t\t\t\t"y": 2\r\n\t\t\t}\r\n\t\t]\r\n\t},\r\n\t"top": true\r\n}',
    ],
    ['{"a":1,"env":{"A":"1"}}', '{"a":1,"env":{"A":"1","B":"2"},"hooks":{"x":[1,{"y":2}]},"top":true}'],
    ['\uFEFF{ "a": 1 }\n', '\uFEFF{ "a": 1, "env": {"B":"2"}, "hooks": {"x":[1,{"y":2}]}, "top": true }\n'],
    [
      undefined,
      '{\n  "env": {\n    "B": "2"\n  },\n  "hooks": {\n    "x": [\n      1,\n      {\n        "y": 2\n      }\n    ]\n  },\n  "top": true\n}\n',
    ],
  ])('%j', (text, after) => {
    expect(roundTrip('json', text, changes)).toBe(after);
  });

  test.each(['[]', '{"a":', 'nonsense', '{"a" 1}', '{"env":"text"}', '{"env":[]}'])('%s is left alone', (text) => {
    expect(() => applyChanges('json', text, changes)).toThrow(FormatError);
  });

  test.each(['', '\n'])('%j becomes a file', (text) => {
    expect(JSON.parse(applyChanges('json', text, changes))).toEqual({
      env: { B: '2' },
      hooks: { x: [1, { y: 2 }] },
      top: true,
    });
  });

  test('values that were there come back in their own spelling; what else changed stays', () => {
    const original = '{\n  "env": {"B": /* two */ "\\u0032"},\n  "hooks": { "x": [1,\n 2] },\n  "keep": 1\n}\n';
    const after = applyChanges('json', original, [
      [['env', 'B'], 'ours'],
      [['hooks'], 'ours'],
    ]);
    const edited = after.replace('"keep": 1', '"keep": 2, // changed');
    expect(restorePlaces('json', edited, original, [['env', 'B'], ['hooks']])).toBe(
      original.replace('"keep": 1', '"keep": 2, // changed'),
    );
  });

  test('of a key that stands there twice the last one counts, and both go', () => {
    const text = '{"a":1,"b":2,"a":3}';
    expect(parseJsonc(applyChanges('json', text, [[['a'], 4]]))).toEqual({ a: 4, b: 2 });
    expect(applyChanges('json', text, [[['a'], undefined]])).toBe('{"b":2}');
  });

  test('an object that was made only for ours goes with it, one with something of the user stays', () => {
    const after = applyChanges('json', '{}', changes);
    expect(restorePlaces('json', after, undefined, placesOf(changes))).toBeUndefined();
    const edited = after.replace('"B": "2"', '"B": "2",\n    "MINE": "1"');
    expect(parseJsonc(restorePlaces('json', edited, undefined, placesOf(changes)) ?? '')).toEqual({
      env: { MINE: '1' },
    });
  });

  test('whatever is in the file', () => {
    const key = fc.constantFrom('a', 'b', 'env', 'x y', 'ä"\\');
    const document = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
    const indent = fc.constantFrom<string | number | undefined>(undefined, 2, 4, '\t');
    const change = fc.tuple(fc.tuple(key), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(
        document,
        indent,
        fc.constantFrom('\n', '\r\n'),
        fc.uniqueArray(change, { selector: ([[k]]) => k, maxLength: 4 }),
        (value, space, eol, edits) => {
          const text = JSON.stringify(value, undefined, space).replaceAll('\n', eol);
          lawsHold('json', text, edits);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('TOML', () => {
  const mine = `# my settings
model = "gpt-5" # I like it
approval_policy = "never"

# servers
[mcp_servers.docs]
command = "docs" # keep

[model_providers.other]
name = "Other"
`;
  const provider = { name: 'AI Gateway', base_url: 'http://x/v1', auth: { command: 'a', args: ['b c'] } };
  const changes: Change[] = [
    [['model_provider'], 'ucode'],
    [['model'], 'system.ai.gpt-5-5'],
    [['model_providers', 'ucode'], provider],
  ];

  test('keeps comments and what is not ours', () => {
    const after = roundTrip('toml', mine, changes);
    expect(after).toContain(
      '# my settings\nmodel = "system.ai.gpt-5-5" # I like it\napproval_policy = "never"\nmodel_provider = "ucode"\n\n# servers\n',
    );
    expect(after).toContain(
      '[model_providers.other]\nname = "Other"\n\n[model_providers.ucode]\nname = "AI Gateway"\n',
    );
    expect(parseToml(after)).toEqual({
      model: 'system.ai.gpt-5-5',
      approval_policy: 'never',
      model_provider: 'ucode',
      mcp_servers: { docs: { command: 'docs' } },
      model_providers: { other: { name: 'Other' }, ucode: provider },
    });
  });

  test('a table is replaced where it stands, and comes back in its own spelling', () => {
    const original = "[model_providers.ucode] # mine\n# inside\nname = 'x'\n\n[b]\nc = 1\n";
    const after = roundTrip('toml', original, changes);
    expect(after.indexOf('[model_providers.ucode]')).toBeLessThan(after.indexOf('[b]'));
    const edited = after.replace('c = 1', 'c = 2 # two');
    expect(restorePlaces('toml', edited, original, placesOf(changes))).toBe(original.replace('c = 1', 'c = 2 # two'));
  });

  test('a part of a table is changed within it', () => {
    const original = '[otel]\nenvironment = "dev"\nexporter = "none" # off\n\n[z]\n';
    const exporter: Change[] = [
      [['otel', 'exporter'], { 'otlp-http': { endpoint: 'http://x', headers: { a: 'b' } } }],
      [['otel', 'trace_exporter'], { 'otlp-http': { endpoint: 'http://x' } }],
    ];
    expect(roundTrip('toml', original, exporter)).toBe(
      '[otel]\nenvironment = "dev"\nexporter = { otlp-http = { endpoint = "http://x", headers = { a = "b" } } } # off\n\n[z]\n\n[otel.trace_exporter.otlp-http]\nendpoint = "http://x"\n',
    );
  });

  test.each([
    ['no TOML', 'model = '],
    ['an inline table where ours would go', 'model_providers = { ucode = { name = "x" } }'],
    ['a value where our table would go', 'model_providers = 1'],
  ])('%s is left alone', (_, text) => {
    expect(() => applyChanges('toml', text, changes)).toThrow(FormatError);
  });

  test.each([
    undefined,
    '# only a comment\n',
    '[a]\nb = 1\n',
    'a = 1\r\n[b]\r\n',
    'a = 1',
    '\uFEFFa = 1\n',
    'a = """\n[model_providers.ucode]\nx = 1\n"""\nb = [\n  "[x]", # ]\n]\n',
    '"model" = "x"\n[model_providers]\n"ucode".name = "dotted"\n',
    "'a.b' . c = '''it''s''''\nbig = 9223372036854775807\nday = 1979-05-27\n",
    '[[list]]\na = 1\n[[list]]\na = 2\n',
  ])('%j', (text) => {
    const after = roundTrip('toml', text, changes);
    expect(after).toContain('AI Gateway');
    if (text?.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  });

  test('whatever is in the file', () => {
    const key = fc.constantFrom('a', 'b', 'model', 'x y', 'ä"');
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
    const table = fc.dictionary(key, scalar, { maxKeys: 3 });
    const document = fc.dictionary(key, fc.oneof(scalar, table, fc.dictionary(key, table, { maxKeys: 2 })), {
      maxKeys: 5,
    });
    const change = fc.tuple(fc.oneof(fc.tuple(key), fc.tuple(key, key)), fc.oneof(scalar, table));
    fc.assert(
      fc.property(
        document,
        fc.constantFrom('\n', '\r\n'),
        fc.uniqueArray(change, { selector: ([[k]]) => k, maxLength: 3 }),
        (value, eol, edits) => {
          lawsHold('toml', stringify(value).replaceAll('\n', eol), edits);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('dotenv', () => {
  const changes: Change[] = [[['A'], '2']];

  test.each([
    [undefined, 'A=2\n'],
    ['# mine\nB=1\n', '# mine\nB=1\nA=2\n'],
    ['A=1\nB=1\nexport A = 3 # three\n', 'A=1\nB=1\nexport A = 2 # three\n'],
    ['AA=1\r\nA=0\r\n', 'AA=1\r\nA=2\r\n'],
    ['B=1', 'B=1\nA=2\n'],
    ['B="\nA=1\n"\n', 'B="\nA=1\n"\nA=2\n'],
    ['\uFEFFB=1\n', '\uFEFFB=1\nA=2\n'],
  ])('%j', (text, after) => {
    expect(roundTrip('dotenv', text, changes)).toBe(after);
  });

  test('values are quoted where they must be, and variables go away', () => {
    expect(
      applyChanges('dotenv', 'A=1\n', [
        [['A'], undefined],
        [['B'], 'x y"$z'],
      ]),
    ).toBe("B='x y\"$z'\n");
    expect(() => applyChanges('dotenv', '', [[['A'], '#\'"`']])).toThrow(FormatError);
  });

  test('whatever is in the file', () => {
    const key = fc.constantFrom('A', 'B', 'A_B', 'C.D');
    const value = fc.oneof(
      fc.constantFrom('', '1', '"x # y"', "'it'", '"a\nA=0"', '`b`', '"open', 'x # c'),
      fc.stringMatching(/^[ -~]{0,8}$/),
    );
    const line = fc.oneof(
      fc
        .tuple(fc.constantFrom('', 'export ', '  '), key, fc.constantFrom('=', ' = ', ': '), value)
        .map((parts) => parts.join('')),
      fc.constantFrom('# comment', '', 'nonsense'),
    );
    const change = fc.tuple(
      fc.tuple(key),
      fc.stringMatching(/^[ -~]{0,8}$/).filter((text) => !/['"`]/.test(text)),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 6 }),
        fc.constantFrom('\n', '\r\n'),
        fc.uniqueArray(change, { selector: ([[k]]) => k, maxLength: 3 }),
        (lines, eol, edits) => {
          lawsHold('dotenv', lines.join(eol), edits);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/**
 * What holds for every text: it is refused, or the places say what they shall and everything else is as it was; taken
 * out again everything says what it said, in the very same lines but for those that were touched.
 */
function lawsHold(name: FormatName, text: string, changes: readonly Change[]): void {
  const after = unlessRefused(() => applyChanges(name, text, changes));
  if (after === undefined) return;
  const content = formats[name].parse(after);
  for (const [place, value] of changes) expect(sameContent(contentAt(content, place), value)).toBe(true);
  expect(unlessRefused(() => applyChanges(name, after, changes)) ?? after).toBe(after);
  // A quote that nobody closes (`A='`) may keep our part from being taken out: it is refused, and the file stays.
  const back = unlessRefused(() => restorePlaces(name, after, text, placesOf(changes)) ?? '');
  if (back === undefined) return;
  expect(sameContent(formats[name].parse(back), formats[name].parse(text))).toBe(true);
  const before = formats[name].parse(text);
  if (
    changes.every(
      ([place]) => contentAt(before, place) === undefined && contentAt(before, place.slice(0, 1)) === undefined,
    )
  )
    expect(back).toBe(text);
}

/** What `work` gives; `undefined` where the format refuses. */
function unlessRefused(work: () => string): string | undefined {
  try {
    return work();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return undefined;
  }
}
