import { Argument, type Command } from 'commander';
import { complete } from './complete.ts';
import type { Context } from './context.ts';

/** What each shell evaluates: it asks `ucode` itself what may stand there, and offers files where that says nothing. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_ucode() {
  local IFS=$'\\n'
  COMPREPLY=($(ucode completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _ucode ucode`,
  zsh: `#compdef ucode
_ucode() {
  local -a found
  found=(\${(f)"$(ucode completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
compdef _ucode ucode`,
  fish: `function __ucode_complete
  set -l tokens (commandline -opc) (commandline -ct)
  ucode completion words -- $tokens[2..-1] 2>/dev/null
end
complete -c ucode -a '(__ucode_complete)'`,
  powershell: `Register-ArgumentCompleter -Native -CommandName ucode -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '""' }
  ucode completion words '--' @words 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}`,
};

/** `completion`: prints what a shell needs to complete `ucode`. */
export function completionCommand(program: Command, context: Context): void {
  const completion = program
    .command('completion')
    .description('print what a shell needs to complete the command line')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(ucode completion bash)                  # in ~/.bashrc\n  source <(ucode completion zsh)                   # in ~/.zshrc, after compinit\n  ucode completion fish | source                   # in ~/.config/fish/config.fish\n  ucode completion powershell | Out-String | Invoke-Expression   # in $PROFILE\n',
    )
    .action((shell: string) => context.terminal.data(scripts[shell] ?? ''));
  completion
    .command('words', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => {
      const last = words.at(-1) === '""' ? [...words.slice(0, -1), ''] : words;
      const found = complete(program, last);
      if (found.length > 0) context.terminal.data(found.join('\n'));
    });
}
