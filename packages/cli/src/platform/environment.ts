/** The machine as `ucode` sees it. Given to everything that needs it, so that tests run on all three conventions. */
export interface Environment {
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** The user's home directory. */
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Our own files: `~/.ucode`, or `UCODE_HOME`. */
  readonly ucodeHome: string;
  /** Whether somebody can be asked: standard input and output are terminals, and `CI` is not set. */
  readonly interactive: boolean;
}
