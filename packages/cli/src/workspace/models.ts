/** A model that the caller may use, from the gateway's catalogue. */
export interface OfferedModel {
  /** What goes into `model`: `system.ai.claude-opus-4-8`. */
  readonly id: string;
  /** Without catalog and schema: `claude-opus-4-8`. */
  readonly name: string;
  /** `claude-opus`, `gpt`, `gemini-flash`: from the gateway's metadata where it has it, else from the name. */
  readonly family: string;
  /** Parts of the version, for comparison: 4-10 is newer than 4-8. */
  readonly version: readonly number[];
  /** `anthropic/v1/messages`, `openai/v1/responses`, … as in `supported_api_types`. */
  readonly apiTypes: readonly string[];
  /** How the vendor spells it, where the gateway takes that for this model too: `gpt-5.6-sol`. */
  readonly vendorName?: string | undefined;
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number | undefined;
}
