import type { FileFormat } from './format.ts';

/** A file that is one value and nothing else: `['text']`. */
export const plain: FileFormat = {
  parse: (text) => (text === '' ? {} : { text }),
  set: (_text, _place, value) => (value === undefined ? '' : String(value)),
  copy: (_text, original) => original,
  isBlank: (text) => text === '',
};
