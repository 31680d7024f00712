import type { Conversation, OfferedTool, Turn } from './conversation.ts';
import { at, contentText, records, text } from './json-view.ts';
import { isIntact } from './signature.ts';

/** Reads a generateContent request; model and streaming stand in its path. */
export function readGemini(body: Readonly<Record<string, unknown>>, model: string, stream: boolean): Conversation {
  const contents = records(body.contents);
  const config = body.generationConfig;
  const json = at(config, 'responseMimeType') === 'application/json';
  return {
    dialect: 'gemini',
    model,
    stream,
    turns: contents.map(turn),
    tools: at(body, 'toolConfig', 'functionCallingConfig', 'mode') === 'NONE' ? [] : records(body.tools).flatMap(tools),
    answerSchema: at(config, 'responseJsonSchema') ?? at(config, 'responseSchema') ?? (json ? {} : undefined),
    wantsThinking: at(config, 'thinkingConfig', 'includeThoughts') === true,
    signaturesIntact: contents
      .flatMap((content) => records(content.parts))
      .every((part) => part.thoughtSignature === undefined || isIntact(part.thoughtSignature)),
    body,
  };
}

function turn(content: Record<string, unknown>): Turn {
  if (content.role === 'model') return { kind: 'other' };
  if (records(content.parts).some((part) => part.functionResponse !== undefined)) return { kind: 'tool-result' };
  return { kind: 'user', text: contentText(content.parts) };
}

function tools(entry: Record<string, unknown>): OfferedTool[] {
  return records(entry.functionDeclarations).flatMap((declaration) => {
    const name = text(declaration.name);
    const schema = declaration.parametersJsonSchema ?? declaration.parameters;
    return name === undefined ? [] : [{ name, schema, kind: 'function' as const, namespace: undefined }];
  });
}
